import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './api/query-client.ts';
import { makeRouter } from './routes.tsx';
import { theme } from './theme/theme.ts';

const queries = makeQueryClient({ onSignedOut: () => void signInAgain() });
const router = makeRouter(queries);

/** A session that ended: sign in, and back to the same page. */
async function signInAgain(): Promise<void> {
  const { href, pathname } = router.state.location;
  if (!pathname.startsWith('/o/')) return;
  await router.navigate({ to: '/sign-in', search: { to: href } });
  queries.clear();
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
        <Notifications position="bottom-right" limit={4} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
