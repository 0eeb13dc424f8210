import { Button, Radio, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { isExternalDeviceId } from '../../../../src/domain/hosted-topic.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery, overviewQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './Connect.module.css';
import { type Chosen, exampleDevice } from './Connect.tsx';
import { Step } from './Step.tsx';

interface Props {
  chosen: Chosen | undefined;
  /** The device that one came from, if one did. */
  device: string | undefined;
  onChosen: (chosen: Chosen) => void;
}

/** Step one: a credential, made here or chosen among those that are there. */
export function CredentialStep({ chosen, device, onChosen }: Props) {
  const permission = usePermission('admin');
  const [choosing, setChoosing] = useState(!permission.allowed);
  if (chosen) {
    const { credential } = chosen;
    const scope = credential.external_device_id
      ? 'for this device only'
      : 'for every device of the organization';
    const brief = (
      <span className={classes.summary}>
        <strong>{credential.label || credential.username}</strong>, {scope}
      </span>
    );
    return <Step number={1} title="Credential" done brief={brief} />;
  }
  return (
    <Step number={1} title={choosing ? 'Choose a credential' : 'Who connects?'}>
      {!permission.allowed && (
        <Notice kind="info" title="You can’t make credentials">
          {permission.why} Ask one of them for a credential, or choose one whose password you have.
        </Notice>
      )}
      {choosing ? (
        <ChooseCredential onChosen={onChosen} />
      ) : (
        <MakeCredential key={device} device={device} onChosen={onChosen} />
      )}
      {permission.allowed && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.other}
          onClick={() => setChoosing(!choosing)}
        >
          {choosing ? 'Make a new credential' : 'Use a credential that is there already'}
        </Button>
      )}
    </Step>
  );
}

function MakeCredential({ device = '', onChosen }: Omit<Props, 'chosen'>) {
  const organization = useOrganization();
  const org = organization.id;
  const queries = useQueryClient();
  const { data: total } = useQuery({ ...overviewQuery(org), select: (overview) => overview.devices.total });
  const [scope, setScope] = useState<'device' | 'organization'>('device');
  const [deviceId, setDeviceId] = useState(device);
  const [label, setLabel] = useState('');
  const input = useRef<HTMLInputElement>(null);

  // Who sees this for the first time has only to press Enter.
  useEffect(() => {
    if (total === 0) setDeviceId((typed) => typed || exampleDevice);
  }, [total]);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);

  const ofDevice = scope === 'device';
  const name = deviceId.trim();
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials', {
        params: { path: { org }, header: idempotent() },
        body: { label: ofDevice ? name : label, external_device_id: ofDevice ? name : undefined },
      }),
    );
    void queries.invalidateQueries({ queryKey: [org, 'credentials'] });
    const { id, username, topic_prefix, password } = made;
    const credential = {
      id,
      username,
      topic_prefix,
      external_device_id: ofDevice ? name : null,
      label: ofDevice ? name : label,
    };
    // The answer's clock counts whole seconds.
    onChosen({ credential, password, deviceId: ofDevice ? name : exampleDevice, since: serverNow() - 2000 });
  });
  const wrongName = name !== '' && !isExternalDeviceId(name);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!ofDevice || (name !== '' && !wrongName)) void submit(undefined);
  };

  return (
    <form className={classes.form} onSubmit={onSubmit}>
      <Radio.Group
        value={scope}
        onChange={(value) => setScope(value as typeof scope)}
        label="The credential is for"
      >
        <div className={classes.scopes}>
          <Radio
            value="device"
            label="One device"
            description="It can publish and listen as itself, and nothing else"
          />
          <Radio
            value="organization"
            label={`Every device of ${organization.name}`}
            description="For a backend, a bridge, or to try things out"
          />
        </div>
      </Radio.Group>
      {ofDevice ? (
        <TextInput
          ref={input}
          label="Device id"
          description="Its name in topics, as the device knows it: a serial number, say"
          placeholder={exampleDevice}
          required
          withAsterisk={false}
          maxLength={128}
          spellCheck={false}
          autoComplete="off"
          value={deviceId}
          error={
            fields.external_device_id ??
            (wrongName ? 'A device id can’t hold / + # or control characters' : undefined)
          }
          onChange={(event) => setDeviceId(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          label="Label"
          description="What you will know it by"
          placeholder="Greenhouse gateway"
          maxLength={100}
          value={label}
          error={fields.label}
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
      )}
      <FormProblem problem={problem} />
      <div>
        <GatedButton needs="admin" type="submit" loading={busy}>
          Create user name and password
        </GatedButton>
      </div>
    </form>
  );
}

function ChooseCredential({ onChosen }: { onChosen: (chosen: Chosen) => void }) {
  const { id: org } = useOrganization();
  const { data: credentials } = useInfiniteQuery(credentialsQuery(org));
  const usable = credentials?.filter((one) => !one.disabled_at) ?? [];
  if (credentials && usable.length === 0)
    return <p className={classes.summary}>There is no credential yet.</p>;
  return (
    <Select
      label="Credential"
      placeholder="Choose one"
      searchable
      data={usable.map(({ id, label, username, external_device_id: device }) => ({
        value: id,
        label: `${label || username} · ${device ? `device ${device}` : 'every device'}`,
      }))}
      onChange={(id) => {
        const credential = usable.find((one) => one.id === id);
        if (!credential) return;
        const deviceId = credential.external_device_id ?? exampleDevice;
        onChosen({ credential, password: undefined, deviceId, since: serverNow() });
      }}
    />
  );
}
