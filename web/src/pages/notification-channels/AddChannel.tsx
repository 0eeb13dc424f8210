import { Anchor, SegmentedControl } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { notificationChannelsQuery } from '../../api/notification-queries.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { Notice } from '../../components/Notice.tsx';
import { type Secret, SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { tell } from '../../components/toasts.ts';
import { type ChannelDraft, type ChannelKind, createBody, newDraft } from '../../notifications/draft.ts';
import { channelKinds, kindOrder } from '../../notifications/kinds.ts';
import { useOrganization } from '../../session/session.ts';
import { ChannelFields } from './ChannelFields.tsx';

interface Props {
  opened: boolean;
  /** Kinds that can be made here. */
  kinds: readonly ChannelKind[];
  onClose: () => void;
}

/** Makes a channel; of a webhook its signing secret is shown once. */
export function AddChannel({ opened, kinds, onClose }: Props) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title="Add channel">
      {(form) => <Fields form={form} kinds={kinds} />}
    </SecretDialog>
  );
}

function Fields({ form, kinds }: { form: SecretForm; kinds: readonly ChannelKind[] }) {
  const { submit, busy, problem, fields, cancel } = form;
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<ChannelDraft>(() =>
    newDraft(kindOrder.find((kind) => kinds.includes(kind)) ?? 'webhook'),
  );
  const hasKind = kinds.includes(draft.kind);
  const make = async () => {
    const made = await answer(
      api.POST('/api/v1/organizations/{org}/notification-channels', {
        params: { path: { org }, header: idempotent() },
        body: createBody(draft),
      }),
    );
    await queries.invalidateQueries({ queryKey: notificationChannelsQuery(org).queryKey });
    if (made.signing_secret !== null) return secretOf(made.signing_secret);
    tell(`${made.name} is added: send a test`);
    return undefined;
  };
  return (
    <DialogForm
      verb="Add channel"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => hasKind && void submit(make)}
    >
      <SegmentedControl
        fullWidth
        aria-label="Kind"
        data={kindOrder.map((kind) => ({ value: kind, label: channelKinds[kind].label }))}
        value={draft.kind}
        onChange={(kind) => setDraft({ ...draft, kind })}
      />
      {hasKind ? (
        <ChannelFields
          key={draft.kind}
          draft={draft}
          onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          fields={fields}
        />
      ) : (
        <Notice kind="info" title="E-mail is not set up here">
          The operator of this platform sets SMTP_URL and SMTP_FROM; then it can be chosen.
        </Notice>
      )}
    </DialogForm>
  );
}

/** A signing secret as it is shown, once. */
export function secretOf(secret: string): Secret {
  return {
    title: 'The signing secret',
    values: [{ label: 'Signing secret', value: secret }],
    warning:
      'It is shown only now. Your receiver needs it to tell our notifications from anybody else’s; if it gets lost, make a new one.',
    more: (
      <Anchor href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer" size="sm">
        Signed as Standard Webhooks has it: libraries for your language
      </Anchor>
    ),
  };
}
