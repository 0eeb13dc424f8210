import { InlineCommand } from './InlineCommand.tsx';
import { Notice } from './Notice.tsx';

interface Props {
  /** The device is elsewhere for sure. */
  elsewhere?: boolean;
  /** Beside a command to copy, which runs here. */
  besideCommand?: boolean;
}

/** Where only this machine can connect, a device elsewhere would wait forever: said before, not after. */
export function LoopbackNotice({ elsewhere = false, besideCommand = false }: Props) {
  const title = elsewhere ? 'This device can’t reach the broker yet' : undefined;
  return (
    <Notice kind={elsewhere ? 'warn' : 'info'} title={title}>
      The broker listens on this machine only.{' '}
      {besideCommand && !elsewhere ? 'The command works here; for' : 'For'} a device elsewhere, restart with{' '}
      <InlineCommand command="HOST=0.0.0.0 npm start" />
    </Notice>
  );
}
