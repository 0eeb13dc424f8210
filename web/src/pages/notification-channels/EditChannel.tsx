import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { NotificationChannel } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { draftOf, updateBody } from '../../notifications/draft.ts';
import { ChannelFields } from './ChannelFields.tsx';
import { useChannelChanges } from './use-channel-changes.ts';

/** Changes one that is there. */
export function EditChannel({
  channel,
  onClose,
}: {
  channel: NotificationChannel | undefined;
  onClose: () => void;
}) {
  return (
    <Modal
      opened={channel !== undefined}
      onClose={onClose}
      title={channel && `Edit ${channel.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {channel && <Fields channel={channel} onClose={onClose} />}
    </Modal>
  );
}

function Fields({ channel, onClose }: { channel: NotificationChannel; onClose: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(channel));
  const { change } = useChannelChanges(channel);
  const { submit, busy, problem, fields } = useSubmit(async () => {
    await change(updateBody(draft));
    tell(`${draft.name.trim()} is changed`);
    onClose();
  });
  return (
    <DialogForm
      verb="Save"
      busy={busy}
      problem={problem}
      onCancel={onClose}
      onSubmit={() => void submit(undefined)}
    >
      <ChannelFields
        draft={draft}
        onChange={(changed) => setDraft((before) => ({ ...before, ...changed }))}
        fields={fields}
        shownUrl={channel.url}
      />
    </DialogForm>
  );
}
