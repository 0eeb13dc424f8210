import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useAlertNotifications } from '../alerts/browser-notifications.ts';
import { Brand } from '../components/Brand.tsx';
import { IconMenu2 } from '../components/icons.ts';
import { LiveProvider } from '../live/live.tsx';
import { useOrganization } from '../session/session.ts';
import { Navigation } from './Navigation.tsx';
import classes from './Shell.module.css';
import { StreamNotice } from './StreamNotice.tsx';

/** What stands around every page of an organization. */
export function Shell() {
  const organization = useOrganization();
  const [menuOpen, menu] = useDisclosure();
  const path = useLocation({ select: (location) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes to a page wants to see it
  useEffect(menu.close, [path]);

  return (
    <LiveProvider org={organization.id} key={organization.id}>
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <div className={classes.shell}>
        <aside className={classes.side}>
          <div className={classes.brand}>
            <Brand />
          </div>
          <Navigation />
        </aside>
        <header className={classes.top}>
          <button
            type="button"
            className={classes.menu}
            aria-label="Menu"
            aria-expanded={menuOpen}
            onClick={menu.open}
          >
            <IconMenu2 size={20} />
          </button>
          <Brand />
        </header>
        <Drawer
          opened={menuOpen}
          onClose={menu.close}
          size={268}
          title={<Brand />}
          padding="md"
          classNames={{ body: classes.drawer }}
        >
          <Navigation />
        </Drawer>
        <main id="main" className={classes.main} tabIndex={-1}>
          <StreamNotice />
          <AlertNotifications />
          <Outlet />
        </main>
      </div>
    </LiveProvider>
  );
}

/** Inside of the provider, whose events it listens to. */
function AlertNotifications() {
  useAlertNotifications(useOrganization().id);
  return null;
}
