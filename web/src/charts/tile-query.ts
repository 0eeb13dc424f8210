import { type QueryClient, queryOptions } from '@tanstack/react-query';
import type { RawTelemetry, RolledUpTelemetry } from '../../../src/contract/devices.ts';
import { answer, api } from '../api/client.ts';
import { isPassing } from '../api/problem.ts';
import { serverNow } from '../api/server-clock.ts';
import type { TelemetryPage } from '../api/types.ts';
import type { Piece } from './picture.ts';
import type { Span } from './range.ts';
import { bucketPoints, rawPoints } from './series.ts';
import type { Tile } from './tiles.ts';

/** A tile's answer as it is drawn. */
export interface Answer extends Piece {
  resolution: TelemetryPage['resolution'];
  /** Newest first; empty unless the resolution is `raw`. */
  readings: RawTelemetry[];
  /** What was received before is in it. In ms since 1970. */
  askedAt: number;
}

export interface Source {
  org: string;
  device: string;
  /** All without it. */
  metrics?: readonly string[];
}

/** A reading may come late, from a device that was out of reach: it is shown when the tile is looked at again. */
const pastStaysMs = 300_000;
const liveStaysMs = 10_000;
/** Events carry a live chart on; this puts right what they left out. */
const liveEveryMs = 30_000;
const bucketSeconds = { '1m': 60, '1h': 3600, '1d': 86_400 } as const;

export const tileQuery = ({ org, device, metrics }: Source, tile: Tile) =>
  queryOptions({
    queryKey: [org, 'telemetry', device, tile, metrics ?? null],
    queryFn: ({ signal }) => readTile({ org, device, metrics }, tile, signal),
    staleTime: ({ state }) => (state.dataUpdatedAt > tile.to + liveStaysMs ? pastStaysMs : liveStaysMs),
    refetchInterval: ({ state }) =>
      tile.to > serverNow() ? liveEveryMs : isPassing(state.error) ? 5000 : false,
    structuralSharing: false,
  });

async function readTile(source: Source, tile: Tile, signal: AbortSignal): Promise<Answer> {
  const { from, to, points } = tile;
  const askedAt = serverNow();
  const asked = { from, to, points, metrics: source.metrics, resolution: 'auto' as const, limit: 10_000 };
  const page = await read(source, asked, signal);
  const { resolution } = page;
  if (resolution === 'raw') {
    const readings = page.items as RawTelemetry[];
    return { from, to, askedAt, resolution, seconds: 0, readings, points: rawPoints(readings) };
  }
  const items = page.items as RolledUpTelemetry[];
  const seconds = bucketSeconds[resolution];
  const buckets = bucketPoints(items, seconds, askedAt / 1000);
  return { from, to, askedAt, resolution, seconds, readings: [], points: buckets };
}

/** So many readings of states are read at once, the newest. */
const mostStates = 5000;

/** The booleans and texts of a span too long for all of its readings: rolled up, they are no longer there. */
export const statesQuery = ({ org, device, metrics }: Source, span: Span) => {
  // Whole minutes, so that a span that goes on is not another one each second.
  const to = Math.ceil(span.to / MINUTE) * MINUTE;
  const from = Math.floor(span.from / MINUTE) * MINUTE;
  return queryOptions({
    queryKey: [org, 'states', device, span.live ? to - from : { from, to }, metrics],
    queryFn: async ({ signal }) => {
      const asked = { from, to, metrics, resolution: 'raw' as const, limit: mostStates };
      const { items, next_cursor } = await read({ org, device }, asked, signal);
      return { items: items as RawTelemetry[], isCut: next_cursor !== null };
    },
    staleTime: liveStaysMs,
    refetchInterval: ({ state }) => (span.live ? liveEveryMs : isPassing(state.error) ? 5000 : false),
  });
};

const MINUTE = 60_000;

interface Asked {
  from: number;
  to: number;
  metrics: readonly string[] | undefined;
  resolution: 'raw' | 'auto';
  limit: number;
  points?: number;
}

function read({ org, device }: Source, asked: Asked, signal: AbortSignal): Promise<TelemetryPage> {
  const { from, to, metrics, ...query } = asked;
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return answer(
    api.GET('/api/v1/organizations/{org}/devices/{device}/telemetry', {
      signal,
      params: { path: { org, device }, query: { ...span, metrics: namesOf(metrics), ...query } },
    }),
  );
}

/** What the API reads as a list; names that it could not tell apart, or too many of them, are asked for as all. */
function namesOf(metrics: readonly string[] | undefined): string | undefined {
  const names = metrics?.join(',');
  return names && names.length <= 2000 && !metrics!.some((name) => name.includes(',')) ? names : undefined;
}

/** Reads tiles before anybody looks at them. */
export function prefetch(queries: QueryClient, sources: readonly Source[], tiles: readonly Tile[]): void {
  for (const source of sources) for (const tile of tiles) void queries.prefetchQuery(tileQuery(source, tile));
}
