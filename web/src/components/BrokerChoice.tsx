import { Link } from '@tanstack/react-router';
import { paths } from '../paths.ts';
import { useOrganization } from '../session/session.ts';
import classes from './BrokerChoice.module.css';
import { IconPlug, IconServer } from './icons.ts';

/** Whose broker the devices use: the first question of connecting anything. */
export function BrokerChoice() {
  const { id: org } = useOrganization();
  const active = { 'data-active': true, 'aria-current': 'page' } as const;
  return (
    <nav className={classes.choice} aria-label="Whose broker">
      <Link to={paths.connect} params={{ org }} search={{}} className={classes.one} activeProps={active}>
        <IconServer size={18} stroke={1.7} aria-hidden />
        <span>
          <strong>Use the hosted broker</strong>
          <small>Devices connect to us</small>
        </span>
      </Link>
      <Link
        to={paths.newIntegration}
        params={{ org }}
        search={{}}
        className={classes.one}
        activeProps={active}
        activeOptions={{ includeSearch: false }}
      >
        <IconPlug size={18} stroke={1.7} aria-hidden />
        <span>
          <strong>Use my own broker</strong>
          <small>Devices stay where they are</small>
        </span>
      </Link>
    </nav>
  );
}
