import { Link } from '@tanstack/react-router';
import type { Overview } from '../../api/types.ts';
import { Changing } from '../../components/Changing.tsx';
import { PresenceIcon, presenceOrder, presences } from '../../components/Presence.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Overview.module.css';

/** How many devices are in which state; each count leads to those devices. */
export function PresenceTiles({ devices }: { devices: Overview['devices'] }) {
  const { id: org } = useOrganization();
  return (
    <div className={classes.tiles}>
      {presenceOrder.map((presence) => {
        const count = devices[presence];
        return (
          <Link
            key={presence}
            to={paths.devices}
            params={{ org }}
            search={{ presence }}
            className={`${classes.tile} ${count === 0 ? classes.quiet : ''}`}
          >
            <span className={classes.tileName}>
              <PresenceIcon presence={presence} size={18} />
              {presences[presence].word}
            </span>
            <Changing of={count} className={classes.number}>
              {formatCount(count)}
            </Changing>
            <span className={classes.share}>of {formatCount(devices.total)}</span>
          </Link>
        );
      })}
    </div>
  );
}
