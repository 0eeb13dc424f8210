import { Link } from '@tanstack/react-router';
import { Changing } from '../../components/Changing.tsx';
import { IconAlertTriangle, IconInbox } from '../../components/icons.ts';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Overview.module.css';

/** Messages that could not be stored: amber when somebody should look, and only then. */
export function QuarantineTile({ count, isFull }: { count: number; isFull: boolean }) {
  const { id: org } = useOrganization();
  const Icon = count > 0 ? IconAlertTriangle : IconInbox;
  return (
    <Link
      to={paths.quarantine}
      params={{ org }}
      className={`${classes.tile} ${count > 0 ? classes.warn : ''}`}
    >
      <span className={classes.tileName}>
        <Icon size={18} stroke={1.9} aria-hidden />
        In quarantine
      </span>
      <Changing of={count} className={classes.number}>
        {formatCount(count)}
      </Changing>
      <span className={classes.share}>{sentence(count, isFull)}</span>
    </Link>
  );
}

function sentence(count: number, isFull: boolean): string {
  if (isFull) return 'Quarantine is full: the oldest messages are being removed.';
  return count > 0 ? 'Messages that could not be stored. See why.' : 'Every message was understood.';
}
