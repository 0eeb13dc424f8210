import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { deviceMessagesQuery } from '../api/queries.ts';
import type { LiveEvent } from './event-stream.ts';
import { useLiveEvents } from './live.tsx';
import { throttled } from './throttle.ts';

/** Raw messages are written down twice a second, behind the readings whose events tell of them. */
const behindMs = 600;

/** A device's last raw messages, asked for again after events of its. */
export function useDeviceMessages(asked: { org: string; device: Device | null; every?: number }) {
  const { org, device, every } = asked;
  const queries = useQueryClient();
  const id = device?.id ?? '';
  const name = device?.external_device_id;
  const refresh = useMemo(
    () =>
      throttled(
        () => void queries.invalidateQueries({ queryKey: deviceMessagesQuery(org, id).queryKey }),
        behindMs,
      ),
    [queries, org, id],
  );
  const late = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(late.current);
      refresh.end();
    },
    [refresh],
  );
  const watch = useCallback(
    (event: LiveEvent) => {
      const concerns =
        (event.name === 'reading' && event.data.device_id === id) ||
        (event.name === 'integration' &&
          event.data.kind === 'quarantined' &&
          event.data.external_device_id === name);
      if (!concerns) return;
      clearTimeout(late.current);
      refresh.ask();
      late.current = setTimeout(refresh.ask, behindMs);
    },
    [refresh, id, name],
  );
  useLiveEvents(watch);
  return useQuery({
    ...deviceMessagesQuery(org, id),
    enabled: device !== null,
    refetchInterval: every ?? false,
  });
}

interface Device {
  id: string;
  external_device_id: string;
}
