import { CopyButton } from '../../components/CopyButton.tsx';
import { Notice } from '../../components/Notice.tsx';
import classes from './Connect.module.css';

const command = 'HOST=0.0.0.0 npm start';

/** Where only this machine can connect, a device elsewhere would wait forever: said before, not after. */
export function LoopbackNotice({ elsewhere }: { elsewhere: boolean }) {
  return (
    <Notice kind={elsewhere ? 'warn' : 'info'} title={elsewhere ? 'This device can’t reach the broker yet' : undefined}>
      The broker listens on this machine only. {elsewhere ? 'For' : 'The command works here; for'} a device elsewhere, restart with{' '}
      <span className={classes['inline']}>
        <code>{command}</code>
        <CopyButton text={command} label={`Copy ${command}`} />
      </span>
    </Notice>
  );
}
