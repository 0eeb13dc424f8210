import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Severity } from '../../../src/domain/alert.ts';
import { alertCountsQuery } from '../api/alert-queries.ts';
import { overviewQuery } from '../api/queries.ts';
import {
  IconBell,
  IconBook2,
  IconCpu,
  IconFlask,
  IconGauge,
  IconInbox,
  IconKey,
  IconLayoutDashboard,
  IconLock,
  IconPlug,
  IconPlugConnected,
  IconSettings,
  IconSpeakerphone,
  IconTerminal2,
  IconTopologyStar3,
  IconUsers,
} from '../components/icons.ts';
import { formatCount } from '../format/value.ts';
import { paths } from '../paths.ts';
import { useOrganization } from '../session/session.ts';
import { AccountMenu } from './AccountMenu.tsx';
import classes from './Navigation.module.css';

const pages = [
  { to: paths.overview, label: 'Overview', icon: IconLayoutDashboard, exact: true },
  { to: paths.devices, label: 'Devices', icon: IconCpu },
  { to: paths.alerts, label: 'Alerts', icon: IconBell },
  { to: paths.notificationChannels, label: 'Notifications', icon: IconSpeakerphone },
  { to: paths.commands, label: 'Commands', icon: IconTerminal2 },
  { to: paths.integrations, label: 'Integrations', icon: IconPlug },
  { to: paths.quarantine, label: 'Quarantine', icon: IconInbox },
  { to: paths.decoder, label: 'Decoder bench', icon: IconFlask },
  { to: paths.credentials, label: 'Credentials', icon: IconLock },
  { to: paths.connections, label: 'Connections', icon: IconTopologyStar3 },
  { to: paths.usage, label: 'Usage', icon: IconGauge },
  { to: paths.members, label: 'Members', icon: IconUsers },
  { to: paths.apiKeys, label: 'API keys', icon: IconKey },
  { to: paths.settings, label: 'Settings', icon: IconSettings },
] as const;

/** The way to every page of the organization, and out of it. */
export function Navigation() {
  const { id: org } = useOrganization();
  const { data: quarantined } = useQuery({
    ...overviewQuery(org),
    select: (overview) => overview.quarantined,
  });
  const { data: open } = useQuery({ ...alertCountsQuery(org), select: (counts) => counts.open });
  return (
    <>
      <nav aria-label="Pages" className={classes.nav}>
        <Link
          to={paths.connect}
          params={{ org }}
          className={classes.connect}
          activeProps={{ 'aria-current': 'page' }}
        >
          <IconPlugConnected size={17} stroke={1.9} aria-hidden />
          Connect a device
        </Link>
        {pages.map(({ to, label, icon: Icon, ...page }) => (
          <Link
            key={to}
            to={to}
            params={{ org }}
            className={classes.link}
            activeOptions={{ exact: 'exact' in page, includeSearch: false }}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          >
            <Icon size={18} stroke={1.7} aria-hidden />
            {label}
            {to === paths.quarantine && <Count of={quarantined} words="messages waiting" />}
            {to === paths.alerts && open && (
              <Count
                of={open.info + open.warning + open.critical}
                words="alerts open"
                tone={open.critical > 0 ? 'critical' : open.warning > 0 ? 'warning' : 'info'}
              />
            )}
          </Link>
        ))}
      </nav>
      <div className={classes.foot}>
        <a href="/docs" className={classes.link}>
          <IconBook2 size={18} stroke={1.7} aria-hidden />
          API reference
        </a>
        <AccountMenu />
      </div>
    </>
  );
}

interface CountProps {
  of: number | undefined;
  /** What is counted, for those who hear it. */
  words: string;
  tone?: Severity;
}

/** How many wait for somebody; nothing where none does. */
function Count({ of, words, tone = 'warning' }: CountProps) {
  if (!of) return null;
  return (
    <span className={classes.count} data-tone={tone}>
      {of > 9999 ? '9,999+' : formatCount(of)}
      <span className="visually-hidden"> {words}</span>
    </span>
  );
}
