import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { RawTelemetry, RolledUpTelemetry } from '../../../src/contract/devices.ts';
import type { ReadingEvent } from '../../../src/contract/events.ts';
import { type AskedSpan, statesQuery, telemetryQuery } from '../api/queries.ts';
import type { Device } from '../api/types.ts';
import type { LiveEvent } from '../live/event-stream.ts';
import { useLiveEvents } from '../live/live.tsx';
import { rawSeries, rolledUpSeries, type Series } from './series.ts';
import { statesOf } from './states.ts';

/** Readings that events have brought, until the next answer holds them. */
const mostLive = 5000;
const bucketSeconds = { '1m': 60, '1h': 3600, '1d': 86_400 } as const;

interface Asked {
  org: string;
  device: Device;
  span: AskedSpan;
}

/**
 * A device's metrics over a span: lines of its numbers, stretches of its booleans and texts. Raw readings grow with
 * each event of a live span; buckets are asked for again as they fill.
 */
export function useTelemetry({ org, device, span }: Asked) {
  const live = 'last' in span;
  const refetchInterval = live ? 30_000 : (false as const);
  const usualMs = device.usual_interval_ms;
  const query = useQuery({
    ...telemetryQuery(org, device.id, { span, usualMs }),
    placeholderData: keepPreviousData,
    refetchInterval,
  });
  const { data } = query;
  const rolledUp = data !== undefined && data.resolution !== 'raw';
  const metrics = stateMetrics(device);
  const stateQuery = useQuery({
    ...statesQuery(org, device.id, { span, metrics }),
    enabled: rolledUp && metrics.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval,
  });
  const arrived = useLiveReadings(device.id, live);

  const series = useMemo((): Map<string, Series> | undefined => {
    if (!data) return undefined;
    if (data.resolution !== 'raw')
      return rolledUpSeries(data.items as RolledUpTelemetry[], bucketSeconds[data.resolution]);
    return rawSeries(merged(data.items as RawTelemetry[], arrived), (usualMs ?? 0) / 1000);
  }, [data, arrived, usualMs]);

  const ofStates = rolledUp ? stateQuery.data : data;
  const states = useMemo(() => {
    const items = merged((ofStates?.items ?? []) as RawTelemetry[], arrived);
    return statesOf(items, {
      until: 'last' in span ? Number.POSITIVE_INFINITY : span.to,
      usualMs: usualMs ?? 0,
    });
  }, [ofStates, arrived, span, usualMs]);

  const isCut = rolledUp && Boolean(stateQuery.data?.next_cursor);
  return { series, states, isCut, resolution: data?.resolution, query };
}

/** What is a boolean or a text at the moment. */
function stateMetrics(device: Device): string[] {
  return Object.keys(device.latest)
    .filter((metric) => typeof device.latest[metric]!.value !== 'number')
    .sort();
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
