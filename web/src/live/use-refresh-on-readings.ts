import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import type { LiveEvent } from './event-stream.ts';
import { useLiveEvents } from './live.tsx';

/** Counts are written down twice a second, behind the readings whose events tell of them. */
const behindMs = 800;

/**
 * Asks for integrations again after readings came: a reading does not say by which it came, but the figures on the
 * page may have changed.
 * @param name the query's: all of them, or the one with the id `of`
 */
export function useRefreshOnReadings(org: string, name: 'integrations' | 'integration', of?: string): void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const watch = useCallback(
    (event: LiveEvent) => {
      if (event.name !== 'reading' || timer.current !== undefined) return;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        void queries.invalidateQueries({ queryKey: of === undefined ? [org, name] : [org, name, of] });
      }, behindMs);
    },
    [queries, org, name, of],
  );
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents(watch);
}
