import type { IntegrationEvent, PresenceEvent, ReadingEvent } from '../../../src/contract/events.ts';

/** `connecting` until the first answer; `lost` while it tries again. */
export type StreamState = 'connecting' | 'live' | 'lost';

export type LiveEvent =
  | { name: 'reading'; data: ReadingEvent }
  | { name: 'presence'; data: PresenceEvent }
  | { name: 'integration'; data: IntegrationEvent }
  /** Too much was missed to be sent: what is on the page has to be asked for again. */
  | { name: 'reset' };

export interface EventStream {
  state: () => StreamState;
  /** @returns ends the subscription */
  onState: (listener: () => void) => () => void;
  onEvent: (listener: (event: LiveEvent) => void) => () => void;
  close: () => void;
}

const backoff = { first: 500, most: 15_000 } as const;

/**
 * One organization's events. A dropped connection is taken up again by the browser, which names the last event it
 * had, so nothing is missed; where the platform refused instead of dropping, the browser gives up, and this begins
 * anew: that is a `reset`.
 */
export function openEventStream(url: string, Source: typeof EventSource = EventSource): EventStream {
  const stateListeners = new Set<() => void>();
  const eventListeners = new Set<(event: LiveEvent) => void>();
  let state: StreamState = 'connecting';
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let wait: number = backoff.first;

  const become = (next: StreamState) => {
    if (next === state) return;
    state = next;
    for (const listener of stateListeners) listener();
  };
  const emit = (event: LiveEvent) => {
    for (const listener of eventListeners) listener(event);
  };

  const open = (anew: boolean) => {
    source = new Source(url);
    source.onopen = () => {
      wait = backoff.first;
      become('live');
      if (anew) emit({ name: 'reset' });
    };
    source.onerror = () => {
      become('lost');
      if (source.readyState !== Source.CLOSED) return;
      retry = setTimeout(() => open(true), wait);
      wait = Math.min(wait * 2, backoff.most);
    };
    for (const name of ['reading', 'presence', 'integration'] as const) {
      source.addEventListener(name, (event) => emit({ name, data: JSON.parse(event.data) }));
    }
    source.addEventListener('reset', () => emit({ name: 'reset' }));
  };
  open(false);

  return {
    state: () => state,
    onState: (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onEvent: (listener) => {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    close: () => {
      clearTimeout(retry);
      source.close();
    },
  };
}
