import { Button, Group, Modal, Radio } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import type { Credential } from '../../api/types.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import type { Secret } from '../../components/OnceShown.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { secretOf } from './CreateCredential.tsx';
import { nameOf } from './state.ts';

const overlaps = [
  { value: '86400', label: 'After a day' },
  { value: '604800', label: 'After a week' },
  { value: '3600', label: 'After an hour' },
  { value: '0', label: 'At once' },
];

interface Props {
  credential: Credential | undefined;
  onClose: () => void;
  onSecret: (secret: Secret) => void;
}

/** A second credential takes over; the first works on for a while, so that devices can move one by one. */
export function RotateCredential({ credential: asked, onClose, onSecret }: Props) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const last = useRef(asked);
  if (asked) last.current = asked;
  const credential = last.current;
  const [overlap, setOverlap] = useState('86400');
  const { submit, busy, problem } = useSubmit(async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials/{credential}/rotate', {
        params: { path: { org, credential: credential!.id }, header: idempotent() },
        body: { overlap_seconds: Number(overlap) },
      }),
    );
    onClose();
    onSecret(secretOf('The new credential', made));
    await queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };
  const live = credential?.live_connections ?? 0;
  return (
    <Modal
      opened={asked !== undefined}
      onClose={onClose}
      title={`Rotate ${credential ? nameOf(credential) : ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={onSubmit} style={{ display: 'grid', gap: 14 }}>
        <Radio.Group
          value={overlap}
          onChange={setOverlap}
          label="When the old one stops"
          description={
            overlap === '0' && live > 0
              ? `${plural(live, 'live connection')} will be closed.`
              : 'Until then both work. Give devices the new user name and password meanwhile.'
          }
        >
          <div style={{ display: 'grid', gap: 8, marginTop: 10 }}>
            {overlaps.map(({ value, label }) => (
              <Radio key={value} value={value} label={label} />
            ))}
          </div>
        </Radio.Group>
        <FormProblem problem={problem} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} data-autofocus>
            Rotate
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
