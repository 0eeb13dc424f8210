import { Radio, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { integrationTokensQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Integration } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { exactTime } from '../../format/time.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Integration.module.css';

const overlaps = [
  { seconds: 0, label: 'Now', description: 'Whoever still posts with them is refused' },
  { seconds: 3600, label: 'In 1 hour' },
  { seconds: 86_400, label: 'In 1 day' },
  { seconds: 7 * 86_400, label: 'In 7 days' },
];

interface Props {
  integration: Integration;
  opened: boolean;
  onClose: () => void;
}

/** Another token takes over; those before it are good for a while, so that nothing is lost meanwhile. */
export function RotateToken({ integration, opened, onClose }: Props) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title="New token">
      {(form) => <Fields integration={integration} form={form} />}
    </SecretDialog>
  );
}

function Fields({ integration: { id: integration }, form }: { integration: Integration; form: SecretForm }) {
  const { submit, busy, problem, cancel } = form;
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [overlap, setOverlap] = useState(86_400);
  const make = async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/integrations/{integration}/tokens', {
        params: { path: { org, integration }, header: idempotent() },
        body: { overlap_seconds: overlap },
      }),
    );
    void queries.invalidateQueries({ queryKey: integrationTokensQuery(org, integration).queryKey });
    const end = made.old_tokens_expire_at;
    const old =
      Date.parse(end) <= serverNow() + 1000
        ? 'The tokens before it work no more.'
        : `The tokens before it work until ${exactTime(end)} at the latest.`;
    return {
      title: 'The new token',
      values: [
        { label: 'Token', value: made.token },
        { label: 'Address', value: made.webhook_url },
      ],
      warning: `${old} The new one is shown only now. Put it where the old one stands; if it gets lost, make another.`,
    };
  };
  return (
    <DialogForm
      verb="Make token"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => void submit(make)}
    >
      <Text size="sm">
        You get another token for the same address. Until the old ones stop, all of them work, so that your
        broker can be changed without losing a message.
      </Text>
      <Radio.Group
        label="The old ones stop"
        value={String(overlap)}
        onChange={(value) => setOverlap(Number(value))}
      >
        <div className={classes.choices}>
          {overlaps.map(({ seconds, label, description }) => (
            <Radio
              key={seconds}
              value={String(seconds)}
              label={label}
              description={description}
              data-autofocus={seconds === overlap || undefined}
            />
          ))}
        </div>
      </Radio.Group>
    </DialogForm>
  );
}
