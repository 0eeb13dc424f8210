import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ReadingEvent } from '../../../src/contract/events.ts';
import type { LiveEvent } from '../live/event-stream.ts';
import { useLiveEvents } from '../live/live.tsx';
import { throttled } from '../live/throttle.ts';
import { withArrivals } from './arrivals.ts';
import { Picture, type Piece } from './picture.ts';
import type { Span } from './range.ts';
import { type Answer, prefetch, type Source, tileQuery } from './tile-query.ts';
import { neighboursOf, type Tile, tilesOf } from './tiles.ts';
import { isSame, useStable } from './use-stable.ts';

interface Asked {
  /** Should stay the same while nothing of it changes. */
  sources: readonly Source[];
  span: Span;
  /** The width of a chart; 0 while it is not known, and nothing is asked. */
  pixels: number;
  /** While one pans or zooms nothing new is asked: what is known is enough to see where one is. */
  moving: boolean;
}

/** What is known of a source over a span. */
export interface Shown {
  pieces: readonly Piece[];
  /** By tile; undefined for those that are not there yet. */
  answers: readonly (Answer | undefined)[];
  /** What events have brought, oldest first. */
  arrived: readonly ReadingEvent[];
}

/** What there is to draw of each source over a span, at once with what is known and better as answers come. */
export function useTiles({ sources, span, pixels, moving }: Asked) {
  const tiles = useStable(tilesOf(span, pixels || 1), ({ from, to, points }) => [from, to, points]);
  const results = useQueries({
    queries: sources.flatMap((source) =>
      tiles.map((tile) => ({ ...tileQuery(source, tile), enabled: pixels > 0 && !moving })),
    ),
  });
  const arrived = useArrivals(sources, span.live);
  const drawings = useRef(new Map<string, Drawing>());
  const named = sources.map((source) => [JSON.stringify(source), source] as const);
  drawings.current = new Map(named.map(([name]) => [name, drawings.current.get(name) ?? new Drawing()]));
  const shown = named.map(([name, { device }], index) => {
    const own = results.slice(index * tiles.length, (index + 1) * tiles.length).map(({ data }) => data);
    return drawings.current.get(name)!.show(tiles, own, arrived.get(device) ?? none);
  });
  const isReading = results.some(({ isFetching, data }) => isFetching && data === undefined);

  const queries = useQueryClient();
  const isSettled = !moving && !span.live && !isReading && pixels > 0;
  useEffect(() => {
    if (isSettled) prefetch(queries, sources, neighboursOf(tiles, Date.now()));
  }, [isSettled, queries, sources, tiles]);

  return {
    shown: useStable(shown, (one) => [one]),
    isReading,
    error: results.find(({ error }) => error)?.error ?? null,
    retry: () => {
      for (const { error, refetch } of results) if (error) void refetch();
    },
  };
}

const none: readonly ReadingEvent[] = [];

/** Makes what is shown of one source anew only when something of it has changed. */
class Drawing {
  readonly #picture = new Picture();
  #made: { of: readonly unknown[]; shown: Shown } | undefined;

  show(tiles: readonly Tile[], read: Shown['answers'], arrived: readonly ReadingEvent[]): Shown {
    const of = [tiles, arrived, ...read];
    if (this.#made && isSame(this.#made.of, of)) return this.#made.shown;
    const answers = read.map((answer) => answer && withArrivals(answer, arrived));
    const shown = { answers, arrived, pieces: this.#picture.pieces(tiles, answers) };
    this.#made = { of, shown };
    return shown;
  }
}

/** Readings of one device that events have brought, until the next answer holds them. */
const mostArrived = 5000;

/** What arrives is drawn so often, in ms: an eye follows no quicker, and a thousand readings a second are a lot to draw. */
const drawnEvery = 200;

/** Readings since the page began to listen, by device, oldest first. */
function useArrivals(
  sources: readonly Source[],
  live: boolean,
): ReadonlyMap<string, readonly ReadingEvent[]> {
  const [shown, setShown] = useState<ReadonlyMap<string, readonly ReadingEvent[]>>(new Map());
  const gathered = useRef(new Map<string, readonly ReadingEvent[]>());
  const wanted = useMemo(() => new Set(live ? sources.map(({ device }) => device) : []), [sources, live]);
  const drawing = useMemo(() => throttled(() => setShown(new Map(gathered.current)), drawnEvery), []);
  useEffect(() => drawing.end, [drawing]);
  const take = useCallback(
    (event: LiveEvent) => {
      if (event.name !== 'reading' || !wanted.has(event.data.device_id)) return;
      const own = gathered.current.get(event.data.device_id) ?? none;
      gathered.current.set(event.data.device_id, [...own.slice(1 - mostArrived), event.data]);
      drawing.ask();
    },
    [wanted, drawing],
  );
  useLiveEvents(take);
  return shown;
}
