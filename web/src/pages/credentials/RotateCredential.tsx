import { Radio, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { credentialsQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Credential } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { exactTime } from '../../format/time.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Credentials.module.css';
import { secretOf } from './secret.ts';
import { nameOf } from './state.ts';

const overlaps = [
  { seconds: 0, label: 'Now' },
  { seconds: 3600, label: 'In 1 hour' },
  { seconds: 86_400, label: 'In 1 day' },
  { seconds: 7 * 86_400, label: 'In 7 days' },
];

interface Props {
  credential: Credential | undefined;
  onClose: () => void;
}

/** A second credential takes over; the first works on for a while, so that devices can move one by one. */
export function RotateCredential({ credential, onClose }: Props) {
  // While the dialog fades away it still says what it said.
  const last = useRef(credential);
  if (credential) last.current = credential;
  const old = last.current;
  return (
    <SecretDialog
      opened={credential !== undefined}
      onClose={onClose}
      title={`Rotate ${old ? nameOf(old) : ''}`}
    >
      {(form) => old && <Fields credential={old} form={form} />}
    </SecretDialog>
  );
}

function Fields({ credential, form }: { credential: Credential; form: SecretForm }) {
  const { submit, busy, problem, cancel } = form;
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState(86_400);
  const make = async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/credentials/{credential}/rotate', {
        params: { path: { org, credential: credential.id }, header: idempotent() },
        body: { overlap_seconds: overlap },
      }),
    );
    void queries.invalidateQueries({ queryKey: credentialsQuery(org).queryKey });
    return secretOf('The new credential', made, endOfOld(credential, overlap));
  };
  return (
    <DialogForm
      verb="Rotate"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => void submit(make)}
    >
      <Text size="sm">
        You get a new user name and password for the same topics. Until the old one stops, both work, so that
        devices can move one by one.
      </Text>
      <Radio.Group
        label="The old one stops"
        value={String(overlap)}
        onChange={(value) => setOverlap(Number(value))}
      >
        <div className={classes.choices}>
          {overlaps.map(({ seconds, label }) => (
            <Radio
              key={seconds}
              value={String(seconds)}
              label={label}
              description={seconds === 0 ? whatCloses(credential) : undefined}
              data-autofocus={seconds === overlap || undefined}
            />
          ))}
        </div>
      </Radio.Group>
    </DialogForm>
  );
}

function whatCloses({ live_connections: live }: Credential): string {
  return live === 0
    ? 'Nobody is connected with it now'
    : `${plural(live, 'live connection')} will be closed at once`;
}

function endOfOld({ username, expires_at }: Credential, overlap: number): string {
  const end = serverNow() + overlap * 1000;
  const stops = expires_at ? Math.min(Date.parse(expires_at), end) : end;
  return stops <= serverNow()
    ? `The old one, ${username}, works no more.`
    : `The old one, ${username}, works until ${exactTime(stops)}.`;
}
