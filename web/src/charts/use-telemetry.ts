import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import type { RawTelemetry } from '../../../src/contract/devices.ts';
import type { Device } from '../api/types.ts';
import { withReadings } from './arrivals.ts';
import type { Span } from './range.ts';
import { coarsened, type Series, seriesOf } from './series.ts';
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
  const seconds = bucketOf(shown);
  const series = useMemo(() => linesOf(pieces, usualMs, seconds), [pieces, usualMs, seconds]);

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
    resolution: resolutionInWords(shown),
    ...reading,
  };
}

/** Each metric as one line, of buckets where one of the pieces has these. @param seconds of the coarsest bucket */
export function linesOf(pieces: Shown['pieces'], usualMs: number, seconds: number): Map<string, Series> {
  const metrics = new Set(pieces.flatMap(({ points }) => [...points.keys()]));
  return new Map(
    [...metrics].map((metric) => {
      const own = pieces.flatMap((piece) => {
        const points = piece.points.get(metric);
        if (!points) return [];
        return piece.seconds < seconds ? coarsened(points, seconds) : points;
      });
      return [metric, seriesOf(own, usualMs / 1000)];
    }),
  );
}

/** Of the coarsest bucket, in seconds; 0 where all are readings. */
export function bucketOf(shown: readonly Shown[]): number {
  return Math.max(0, ...shown.flatMap(({ pieces }) => pieces.map(({ seconds }) => seconds)));
}

/** What a chart is made of, in words. */
const resolutionWords: Record<number, string> = {
  0: 'Every reading',
  60: 'By minute',
  3600: 'By hour',
  86400: 'By day',
};

export function resolutionInWords(shown: readonly Shown[]): string {
  const isThere = shown.some(({ pieces }) => pieces.length > 0);
  return (isThere && resolutionWords[bucketOf(shown)]) || '';
}

/** What is a boolean or a text at the moment. */
function stateMetrics(device: Device): string[] {
  return Object.keys(device.latest)
    .filter((metric) => typeof device.latest[metric]!.value !== 'number')
    .sort();
}
