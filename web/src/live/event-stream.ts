import type {
  AlertStreamEvent,
  CommandStreamEvent,
  IntegrationEvent,
  PresenceEvent,
  ReadingEvent,
} from '../../../src/contract/events.ts';

/** `connecting` until the first answer; `lost` while it tries again. */
export type StreamState = 'connecting' | 'live' | 'lost';

export type LiveEvent =
  | { name: 'reading'; data: ReadingEvent }
  | { name: 'presence'; data: PresenceEvent }
  | { name: 'integration'; data: IntegrationEvent }
  | { name: 'command'; data: CommandStreamEvent }
  | { name: 'alert'; data: AlertStreamEvent }
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
/** A tab that nobody sees gives its connection back after this long: a browser has six for all tabs together. */
const hiddenMs = 30_000;

/** What the stream needs of a browser. */
export interface Surroundings {
  Source: typeof EventSource;
  page: Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;
  /** Whether it has to hear on though nobody sees the tab. */
  isNeeded: () => boolean;
}

/**
 * One organization's events. A dropped connection is taken up again by the browser, which names the last event it
 * had, so nothing is missed. Where the platform refused instead of dropping, the browser gives up; then, and after
 * a time out of sight, this begins anew, and what was missed is a `reset`.
 */
export function openEventStream(
  url: string,
  { Source = EventSource, page = document, isNeeded = () => false }: Partial<Surroundings> = {},
): EventStream {
  const stateListeners = new Set<() => void>();
  const eventListeners = new Set<(event: LiveEvent) => void>();
  let state: StreamState = 'connecting';
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait: number = backoff.first;

  const become = (next: StreamState) => {
    if (next === state) return;
    state = next;
    for (const listener of stateListeners) listener();
  };
  const emit = (event: LiveEvent) => {
    for (const listener of eventListeners) listener(event);
  };

  const open = ({ missed }: { missed: boolean }) => {
    let isReset = missed;
    const opened = new Source(url);
    source = opened;
    opened.onopen = () => {
      wait = backoff.first;
      become('live');
      if (isReset) emit({ name: 'reset' });
      isReset = false;
    };
    opened.onerror = () => {
      become('lost');
      if (opened.readyState !== Source.CLOSED) return;
      timer = setTimeout(() => open({ missed: true }), wait);
      wait = Math.min(wait * 2, backoff.most);
    };
    for (const name of ['reading', 'presence', 'integration', 'command', 'alert'] as const) {
      opened.addEventListener(name, (event) => emit({ name, data: JSON.parse(event.data) }));
    }
    opened.addEventListener('reset', () => emit({ name: 'reset' }));
  };

  const sleep = () => {
    if (isNeeded()) {
      timer = setTimeout(sleep, hiddenMs);
      return;
    }
    source?.close();
    source = undefined;
  };
  const onVisibility = () => {
    clearTimeout(timer);
    if (page.visibilityState === 'hidden') timer = setTimeout(sleep, hiddenMs);
    else if (!source || source.readyState === Source.CLOSED) open({ missed: true });
  };
  page.addEventListener('visibilitychange', onVisibility);
  open({ missed: false });

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
      page.removeEventListener('visibilitychange', onVisibility);
      clearTimeout(timer);
      source?.close();
    },
  };
}
