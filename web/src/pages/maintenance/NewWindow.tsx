import { Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { missingOfScope, type ScopeDraft, scopeDraft, scopeOf } from '../../alerts/rule-draft.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { serverNow } from '../../api/server-clock.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { localTime, timeZone } from '../../format/time.ts';
import { useOrganization } from '../../session/session.ts';
import { ScopeFields } from '../alert-rules/ScopeFields.tsx';
import { DateTimeField } from './DateTimeField.tsx';

/** Plans a window: what for, when, and for which devices. */
export function NewWindow({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="New maintenance window"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {opened && <WindowForm onClose={onClose} />}
    </Modal>
  );
}

function WindowForm({ onClose }: { onClose: () => void }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [starts, setStarts] = useState(() => localTime(serverNow()).slice(0, 16));
  const [ends, setEnds] = useState(() => localTime(serverNow() + 2 * 3_600_000).slice(0, 16));
  const [scope, setScope] = useState<ScopeDraft>(scopeDraft);
  const [missing, setMissing] = useState<Record<string, string>>({});
  const { submit, busy, problem, fields } = useSubmit(async () => {
    await answer(
      api.POST('/api/v1/organizations/{org}/maintenance-windows', {
        params: { path: { org }, header: idempotent() },
        body: {
          name: name.trim(),
          scope: scopeOf(scope),
          starts_at: new Date(starts).toISOString(),
          ends_at: new Date(ends).toISOString(),
        },
      }),
    );
    await queries.invalidateQueries({ queryKey: [org, 'maintenance-windows'] });
    tell(`${name.trim()} is planned`);
    onClose();
  });
  const onSubmit = () => {
    const wrong = {
      ...missingOfScope(scope),
      ...(ends <= starts && { ends_at: 'Has to be after the start' }),
    };
    setMissing(wrong);
    if (Object.keys(wrong).length === 0) void submit(undefined);
  };
  const problems = { ...fields, ...missing };
  return (
    <DialogForm verb="Plan it" busy={busy} problem={problem} onSubmit={onSubmit} onCancel={onClose}>
      <TextInput
        label="What for"
        placeholder="Cleaning of cold room 2"
        required
        withAsterisk={false}
        maxLength={100}
        data-autofocus
        value={name}
        error={problems.name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <DateTimeField label="From" value={starts} error={problems.starts_at} onChange={setStarts} />
      <DateTimeField
        label="To"
        description={timeZone()}
        value={ends}
        error={problems.ends_at}
        onChange={setEnds}
      />
      <ScopeFields
        draft={scope}
        problems={problems}
        onChange={(changed) => {
          setScope({ ...scope, ...changed });
          setMissing({});
        }}
      />
    </DialogForm>
  );
}
