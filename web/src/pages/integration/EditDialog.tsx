import { Button, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { IconPencil } from '../../components/icons.ts';
import { usePermission } from '../../session/session.ts';

interface Props {
  /** `Edit topics and decoder` */
  title: string;
  /** The form, which begins anew each time the dialog opens. */
  children: (close: () => void) => ReactNode;
}

/** A button and the form it opens, for admins; closing gives the focus back to the button. */
export function EditDialog({ title, children }: Props) {
  const mayEdit = usePermission('admin').allowed;
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  if (!mayEdit) return null;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPencil size={15} />}
        aria-label={title}
        onClick={() => setOpened(true)}
      >
        Edit
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={title}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {children(close)}
      </Modal>
    </>
  );
}
