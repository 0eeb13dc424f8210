import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RawTelemetry, RolledUpTelemetry } from '../../../src/contract/devices.ts';
import type { ReadingEvent } from '../../../src/contract/events.ts';
import { type AskedSpan, telemetryQuery } from '../api/queries.ts';
import type { LiveEvent } from '../live/event-stream.ts';
import { useLiveEvents } from '../live/live.tsx';
import { rawSeries, rolledUpSeries, type Series } from './series.ts';

/** Readings that events have brought, until the next answer holds them. */
const mostLive = 5000;
const bucketSeconds = { '1m': 60, '1h': 3600, '1d': 86_400 } as const;

/**
 * A device's metrics over a span. Up to 2,000 points are the readings themselves, and a live span grows with each
 * event; more come as buckets with their extremes, asked for again as they fill.
 */
export function useTelemetry({ org, device, span }: { org: string; device: string; span: AskedSpan }) {
  const live = 'last' in span;
  const query = useQuery({
    ...telemetryQuery(org, device, span),
    placeholderData: keepPreviousData,
    refetchInterval: live ? 30_000 : false,
  });
  const arrived = useLiveReadings(device, live);
  const { data } = query;
  const series = useMemo((): Map<string, Series> | undefined => {
    if (!data) return undefined;
    if (data.resolution !== 'raw') {
      return rolledUpSeries(data.items as RolledUpTelemetry[], bucketSeconds[data.resolution]);
    }
    return rawSeries(merged(data.items as RawTelemetry[], arrived));
  }, [data, arrived]);
  return { series, resolution: data?.resolution, query };
}

/** Readings of the device since the page began to listen, oldest first; a new array at most once a frame. */
function useLiveReadings(device: string, live: boolean): readonly ReadingEvent[] {
  const [shown, setShown] = useState<readonly ReadingEvent[]>([]);
  const gathered = useRef<ReadingEvent[]>([]);
  const frame = useRef(0);
  useEffect(() => {
    gathered.current = [];
    setShown([]);
    return () => cancelAnimationFrame(frame.current);
  }, []);
  const take = useCallback(
    (event: LiveEvent) => {
      if (!live || event.name !== 'reading' || event.data.device_id !== device) return;
      gathered.current.push(event.data);
      cancelAnimationFrame(frame.current);
      frame.current = requestAnimationFrame(() => {
        gathered.current = gathered.current.slice(-mostLive);
        setShown([...gathered.current]);
      });
    },
    [device, live],
  );
  useLiveEvents(take);
  return shown;
}

/** Newest first, each reading once: an event may tell of what an answer holds already. */
function merged(items: RawTelemetry[], arrived: readonly ReadingEvent[]): RawTelemetry[] {
  const newest = items[0] ? Date.parse(items[0].recorded_at) : Number.NEGATIVE_INFINITY;
  const known = new Set(items.map(({ recorded_at, received_at }) => `${recorded_at} ${received_at}`));
  const added = arrived
    .filter(({ recorded_at, received_at }) => !known.has(`${recorded_at} ${received_at}`))
    .map((event) => ({ ...event, device_timestamp: null, time_mark: null }));
  if (added.length === 0) return items;
  const inOrder = added.every(({ recorded_at }) => Date.parse(recorded_at) >= newest);
  const all = [...added.toReversed(), ...items];
  return inOrder ? all : all.sort((a, b) => Date.parse(b.recorded_at) - Date.parse(a.recorded_at));
}
