import { Radio, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { isExternalDeviceId } from '../../../../src/domain/hosted-topic.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { endOf, Lifetime } from '../../components/Lifetime.tsx';
import { SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { useOrganization } from '../../session/session.ts';
import classes from './Credentials.module.css';
import { secretOf } from './secret.ts';

/** A credential for the organization, or for the one device that is named. */
export function CreateCredential({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title="Create credential">
      {(form) => <Fields form={form} />}
    </SecretDialog>
  );
}

function Fields({ form: { submit, busy, problem, fields, cancel } }: { form: SecretForm }) {
  const organization = useOrganization();
  const org = organization.id;
  const queries = useQueryClient();
  const [label, setLabel] = useState('');
  const [scope, setScope] = useState<'organization' | 'device'>('organization');
  const [device, setDevice] = useState('');
  const [days, setDays] = useState('');
  const ofDevice = scope === 'device';
  const name = device.trim();
  const wrongName = ofDevice && name !== '' && !isExternalDeviceId(name);

  const make = async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials', {
        params: { path: { org }, header: idempotent() },
        body: {
          label: label.trim() || (ofDevice ? name : ''),
          external_device_id: ofDevice ? name : undefined,
          expires_at: endOf(days),
        },
      }),
    );
    void queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
    return secretOf('The new credential', made);
  };
  return (
    <DialogForm
      verb="Create credential"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => !wrongName && void submit(make)}
    >
      <TextInput
        label="Label"
        description="What you will know it by"
        placeholder={ofDevice ? name || 'The device’s id' : 'Greenhouse gateway'}
        maxLength={100}
        value={label}
        error={fields.label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        data-autofocus
      />
      <Radio.Group
        label="It is for"
        value={scope}
        onChange={(value) => setScope(value as 'organization' | 'device')}
      >
        <div className={classes.choices}>
          <Radio
            value="organization"
            label={`Every device of ${organization.name}`}
            description="For a backend, a bridge, or to try things out"
          />
          <Radio value="device" label="One device" description="It reaches its own topics and nothing else" />
        </div>
      </Radio.Group>
      {ofDevice && (
        <TextInput
          label="Device id"
          description="Its name in topics. A device that is not there yet is registered"
          required
          withAsterisk={false}
          maxLength={128}
          spellCheck={false}
          autoComplete="off"
          value={device}
          error={
            fields.external_device_id ??
            (wrongName ? 'A device id can’t hold / + # or control characters' : undefined)
          }
          onChange={(event) => setDevice(event.currentTarget.value)}
        />
      )}
      <Lifetime days={days} onChange={setDays} />
    </DialogForm>
  );
}
