import { Button } from '@mantine/core';
import { useState } from 'react';
import type { Command } from '../../api/types.ts';
import type { CommandAction } from '../../commands/states.ts';
import { useCommandActions } from '../../commands/use-command-actions.ts';
import { IconRotate, IconX } from '../../components/icons.ts';
import { tell, tellProblem } from '../../components/toasts.ts';

interface Props {
  command: Command;
  action: CommandAction;
  /** One of many, which stand out only when one looks. */
  quiet?: boolean;
  /** With the command as it is now, or the new one. */
  onDone?: (command: Command) => void;
}

/** Cancels a command that waits, or sends one again that has ended. */
export function CommandActionButton({ command, action, quiet = false, onDone }: Props) {
  const { cancel, sendAgain } = useCommandActions();
  const [busy, setBusy] = useState(false);
  const { name, external_device_id: device } = command;
  const isCancel = action === 'cancel';
  const act = async () => {
    setBusy(true);
    try {
      const now = await (isCancel ? cancel(command) : sendAgain(command));
      tell(isCancel ? `${name} is cancelled` : `${name} is on its way to ${device} again`);
      onDone?.(now);
    } catch (error) {
      tellProblem(isCancel ? `${name} is not cancelled` : `${name} is not sent again`, error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      size="compact-sm"
      variant={quiet ? 'subtle' : 'default'}
      color={quiet ? 'gray' : undefined}
      leftSection={isCancel ? <IconX size={14} /> : <IconRotate size={14} />}
      loading={busy}
      aria-label={isCancel ? `Cancel ${name} to ${device}` : `Send ${name} to ${device} again`}
      onClick={() => void act()}
    >
      {isCancel ? 'Cancel' : 'Send again'}
    </Button>
  );
}
