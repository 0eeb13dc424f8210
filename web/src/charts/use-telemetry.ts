import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import type { RawTelemetry } from '../../../src/contract/devices.ts';
import type { Device } from '../api/types.ts';
import { withReadings } from './arrivals.ts';
import type { Span } from './range.ts';
import { type Series, seriesOf } from './series.ts';
import { statesOf } from './states.ts';
import { statesQuery } from './tile-query.ts';
import { type Shown, useTiles } from './use-tiles.ts';

interface Asked {
  org: string;
  device: Device;
  span: Span;
  pixels: number;
  moving: boolean;
}

/** A device's metrics over a span: lines of its numbers, stretches of its booleans and texts. */
export function useTelemetry({ org, device, span, pixels, moving }: Asked) {
  const sources = useMemo(() => [{ org, device: device.id }], [org, device.id]);
  const { shown, ...reading } = useTiles({ sources, span, pixels, moving });
  const { pieces, answers, arrived } = shown[0]!;
  const usualMs = device.usual_interval_ms ?? 0;
  const series = useMemo(() => linesOf(pieces, usualMs), [pieces, usualMs]);

  const rolledUp = answers.some((answer) => answer && answer.resolution !== 'raw');
  const metrics = stateMetrics(device);
  const { data: ofStates } = useQuery({
    ...statesQuery({ org, device: device.id, metrics }, span),
    enabled: rolledUp && !moving && metrics.length > 0,
    placeholderData: keepPreviousData,
  });
  const kept = useRef<RawTelemetry[]>([]);
  const readings = useMemo(() => {
    if (rolledUp) return withReadings(ofStates?.items ?? [], arrived);
    const read = answers.flatMap((answer) => answer ?? []);
    // Until all of them are there, the strips stay as they were.
    if (read.length === answers.length) kept.current = read.toReversed().flatMap((answer) => answer.readings);
    return kept.current;
  }, [rolledUp, ofStates, answers, arrived]);
  const until = span.live ? Number.POSITIVE_INFINITY : span.to;
  const states = useMemo(() => statesOf(readings, { until, usualMs }), [readings, until, usualMs]);
  return {
    series,
    states,
    isCut: rolledUp && ofStates?.isCut === true,
    resolution: coarsest(answers),
    ...reading,
  };
}

/** Each metric as one line. */
export function linesOf(pieces: Shown['pieces'], usualMs: number): Map<string, Series> {
  const metrics = new Set(pieces.flatMap(({ points }) => [...points.keys()]));
  return new Map(
    [...metrics].map((metric) => {
      const own = pieces.flatMap(({ points }) => points.get(metric) ?? []);
      return [metric, seriesOf(own, usualMs / 1000)];
    }),
  );
}

/** What a chart is made of, in words. */
export const resolutionWords = {
  raw: 'Every reading',
  '1m': 'By minute',
  '1h': 'By hour',
  '1d': 'By day',
} as const;

const resolutions = ['1d', '1h', '1m', 'raw'] as const;

/** Undefined while nothing is there. */
export function coarsest(answers: Shown['answers']): (typeof resolutions)[number] | undefined {
  return resolutions.find((resolution) => answers.some((answer) => answer?.resolution === resolution));
}

/** What is a boolean or a text at the moment. */
function stateMetrics(device: Device): string[] {
  return Object.keys(device.latest)
    .filter((metric) => typeof device.latest[metric]!.value !== 'number')
    .sort();
}
