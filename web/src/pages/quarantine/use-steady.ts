import { useState } from 'react';
import type { Quarantined } from '../../api/types.ts';

/**
 * The list as it is, and as it was while somebody is at work in it: what arrives meanwhile would push away the
 * row being read or about to be clicked, so it waits to be asked for.
 */
export function useSteady(messages: Quarantined[], busy: boolean) {
  const [newest, setNewest] = useState<string>();
  if (busy && newest === undefined) setNewest(messages[0]?.received_at);
  if (!busy && newest !== undefined) setNewest(undefined);
  const shown = newest === undefined ? messages : messages.filter(({ received_at: at }) => at <= newest);
  return {
    shown,
    newer: messages.length - shown.length,
    showNewer: () => setNewest(messages[0]?.received_at),
  };
}
