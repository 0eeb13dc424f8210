import type { IntegrationDirectory } from '../external/directory.ts';
import type { Inbox } from '../external/inbox.ts';
import type { Webhooks } from '../http/platform.ts';
import type { Journal } from '../ingest/journal.ts';
import type { Clock } from '../service/clock.ts';

const CONFIRM_TIMEOUT_MS = 5000;

/** What the HTTP side needs to take in what customers' brokers post. */
export function webhooksOf(parts: {
  directory: IntegrationDirectory;
  inbox: Inbox;
  journal: Journal;
  clock: Clock;
}): Webhooks {
  const { directory, inbox, journal, clock } = parts;
  return {
    directory,
    inbox,
    refused(integration, reason, { address, detail }) {
      journal.activity({
        integration: integration.rules,
        at: clock.now() * 1000,
        event: 'webhook_refused',
        reason,
        detail,
        remoteAddress: address,
      });
    },
    async confirm(url) {
      const signal = AbortSignal.timeout(CONFIRM_TIMEOUT_MS);
      const { status, body } = await fetch(url, { redirect: 'error', signal });
      await body?.cancel();
      return status;
    },
  };
}
