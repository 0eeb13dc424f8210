import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openEventStream, type Surroundings } from './event-stream.ts';

/** A browser's EventSource, played by hand. */
class Source extends EventTarget {
  static readonly CLOSED = 2;
  static all: Source[] = [];
  onopen?: () => void;
  onerror?: () => void;
  readyState = 0;
  constructor() {
    super();
    Source.all.push(this);
  }
  close() {
    this.readyState = Source.CLOSED;
  }
  opens() {
    this.readyState = 1;
    this.onopen?.();
  }
  drops() {
    this.readyState = 0;
    this.onerror?.();
  }
  isRefused() {
    this.readyState = Source.CLOSED;
    this.onerror?.();
  }
}

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';
  turns(state: DocumentVisibilityState) {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

function opened(isNeeded = () => false) {
  const page = new Page();
  const stream = openEventStream('/events', { Source, page, isNeeded } as unknown as Surroundings);
  const events: string[] = [];
  stream.onEvent(({ name }) => events.push(name));
  return { stream, page, events, newest: () => Source.all.at(-1)! };
}

beforeEach(() => {
  Source.all = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('leaves a dropped connection to the browser, which misses nothing', () => {
  const { stream, events, newest } = opened();
  newest().opens();
  newest().drops();
  expect(stream.state()).toBe('lost');
  newest().opens();
  expect(stream.state()).toBe('live');
  expect(Source.all).toHaveLength(1);
  expect(events).toEqual([]);
});

it('begins anew where it was refused, later each time, and says once that something was missed', () => {
  const { stream, events, newest } = opened();
  newest().isRefused();
  vi.advanceTimersByTime(500);
  expect(Source.all).toHaveLength(2);
  newest().isRefused();
  vi.advanceTimersByTime(500);
  expect(Source.all).toHaveLength(2);
  vi.advanceTimersByTime(500);
  newest().opens();
  expect(events).toEqual(['reset']);
  newest().drops();
  newest().opens();
  expect(events).toEqual(['reset']);
  expect(stream.state()).toBe('live');
});

it('gives its connection back while nobody looks, and catches up when somebody does', () => {
  const { events, page, newest } = opened();
  newest().opens();
  page.turns('hidden');
  vi.advanceTimersByTime(29_000);
  page.turns('visible');
  expect(Source.all).toHaveLength(1);

  page.turns('hidden');
  vi.advanceTimersByTime(30_000);
  expect(newest().readyState).toBe(Source.CLOSED);
  page.turns('visible');
  expect(Source.all).toHaveLength(2);
  newest().opens();
  expect(events).toEqual(['reset']);
});

it('hears on in a tab that nobody sees for as long as it is needed', () => {
  let needed = true;
  const { page, newest } = opened(() => needed);
  newest().opens();
  page.turns('hidden');
  vi.advanceTimersByTime(120_000);
  expect(newest().readyState).toBe(1);
  needed = false;
  vi.advanceTimersByTime(30_000);
  expect(newest().readyState).toBe(Source.CLOSED);
});

it('hands events on as they are read, until it is closed', () => {
  const { stream, events, page, newest } = opened();
  newest().dispatchEvent(new MessageEvent('reading', { data: '{}' }));
  newest().dispatchEvent(new MessageEvent('reset'));
  expect(events).toEqual(['reading', 'reset']);
  stream.close();
  page.turns('hidden');
  page.turns('visible');
  vi.runAllTimers();
  expect(Source.all).toHaveLength(1);
  expect(newest().readyState).toBe(Source.CLOSED);
});
