import { useState } from 'react';

/**
 * The list, newest first, as it is, and as it was while somebody is at work in it: what arrives meanwhile would push
 * away the row being read or about to be clicked, so it waits to be asked for.
 * @param timeOf when an item came, ISO 8601
 * @returns `showNewer` shows what has come, or will have up to a time
 */
export function useSteady<Item>(items: Item[], timeOf: (item: Item) => string, busy: boolean) {
  const [newest, setNewest] = useState<string>();
  const now = items[0] && timeOf(items[0]);
  if (busy && newest === undefined) setNewest(now);
  if (!busy && newest !== undefined) setNewest(undefined);
  const shown = newest === undefined ? items : items.filter((item) => timeOf(item) <= newest);
  return { shown, newer: items.length - shown.length, showNewer: (upTo = now) => setNewest(upTo) };
}
