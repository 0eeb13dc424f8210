import { Text } from '@mantine/core';
import type { NotificationChannel } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { SecretDialog, type SecretForm } from '../../components/SecretDialog.tsx';
import { secretOf } from './AddChannel.tsx';
import { useChannelChanges } from './use-channel-changes.ts';

/** Another secret takes over at once. */
export function RotateSecret({
  channel,
  opened,
  onClose,
}: {
  channel: NotificationChannel;
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <SecretDialog opened={opened} onClose={onClose} title={`New signing secret for ${channel.name}`}>
      {(form) => <Fields channel={channel} form={form} />}
    </SecretDialog>
  );
}

function Fields({ channel, form }: { channel: NotificationChannel; form: SecretForm }) {
  const { submit, busy, problem, cancel } = form;
  const { rotate } = useChannelChanges(channel);
  return (
    <DialogForm
      verb="Make secret"
      busy={busy}
      problem={problem}
      onCancel={cancel}
      onSubmit={() => void submit(async () => secretOf(await rotate()))}
    >
      <Text size="sm">
        From then on everything is signed with the new one. Until your receiver has it, it will refuse what we
        send; that is tried again for about a day.
      </Text>
    </DialogForm>
  );
}
