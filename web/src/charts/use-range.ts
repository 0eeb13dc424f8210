import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { serverNow } from '../api/server-clock.ts';
import { useNow } from '../components/use-now.ts';
import { type ChartSearch, panned, type Span, searchOf, spanOf, zoomed } from './range.ts';

/** The range of time that all charts of a page share, and what changes it. */
export interface Range {
  span: Span;
  /** The name of the range that ends now, or would. */
  name: string | undefined;
  /** While a gesture goes on; the address follows at its end. */
  moving: boolean;
  /** Shows a span without an entry in the history. */
  move: (span: Span) => void;
  /** Keeps what was moved to. */
  rest: () => void;
  /** Times in ms since 1970. */
  show: (from: number, to: number) => void;
  /** Begins to go on with the time, over so much. */
  follow: (name: string | undefined) => void;
  /** By a share of what is shown; below 0 for earlier. */
  pan: (share: number) => void;
  /** Above 1 shows more; about the right end while that is now, else about the middle. */
  zoom: (factor: number) => void;
}

/** Changes that follow one another this quickly are one step back, in ms. */
const oneStepMs = 1000;

/**
 * The range stands in the address, of whatever page this is.
 * @param initial what is shown while the address says nothing
 */
export function useRange(initial: ChartSearch = {}): Range {
  const address: ChartSearch = useSearch({ strict: false });
  const search = address.range === undefined && address.from === undefined ? initial : address;
  const navigate = useNavigate();
  const now = useNow();
  const [moved, setMoved] = useState<Span>();
  const span = moved ?? spanOf(search, now);
  const shown = useRef({ span, search });
  shown.current = { span, search };
  const changedAt = useRef(0);

  const actions = useMemo(() => {
    const go = (next: ChartSearch) => {
      const replace = Date.now() - changedAt.current < oneStepMs;
      changedAt.current = Date.now();
      const { range, from, to } = next;
      void navigate({
        to: '.',
        // What else stands in the address is the page's.
        search: (before: object) => ({ ...before, range, from, to }) as never,
        replace,
        resetScroll: false,
      }).then(() => setMoved(undefined));
    };
    const settle = (next: Omit<Span, 'live'>) =>
      go(searchOf(next, { now: serverNow(), range: shown.current.search.range }));
    const move = (next: Span) => {
      // Before the next drawing: gestures go on from here.
      shown.current = { ...shown.current, span: next };
      setMoved(next);
    };
    return {
      move,
      rest: () => settle(shown.current.span),
      show: (from: number, to: number) => settle({ from, to }),
      follow: (range: string | undefined) => go({ range }),
      pan: (share: number) => settle(panned(shown.current.span, share, serverNow())),
      zoom: (factor: number) => {
        const { span: before } = shown.current;
        settle(zoomed(before, factor, before.live ? 1 : 0.5, serverNow()));
      },
    };
  }, [navigate]);
  return { span, name: search.range, moving: moved !== undefined, ...actions };
}
