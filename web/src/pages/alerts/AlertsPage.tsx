import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Alerts.module.css';

const pages = [
  { to: paths.alerts, label: 'Inbox' },
  { to: paths.alertRules, label: 'Rules' },
  { to: paths.maintenance, label: 'Maintenance' },
] as const;

interface Props {
  /** What it is, in the browser's tab. */
  title: string;
  description: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** One of the pages about alerts, and the way to the others. */
export function AlertsPage({ title, description, actions, children }: Props) {
  const { id: org } = useOrganization();
  return (
    <Page title={title} description={description} actions={actions}>
      <nav className={classes.tabs} aria-label="Alerts">
        {pages.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            params={{ org }}
            activeOptions={{ exact: true, includeSearch: false }}
            activeProps={{ 'data-active': true, 'aria-current': 'page' }}
          >
            {label}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
