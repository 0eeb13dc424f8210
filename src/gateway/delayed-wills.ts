import type { Session } from './context.ts';

/** Wills that wait, and their payloads; beyond that the one that waits longest is stored before its time. */
const MOST = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** The longest that a timer can wait, 25 days. */
const LONGEST_MS = 2 ** 31 - 1;

interface Waiting {
  timer: NodeJS.Timeout;
  bytes: number;
  store: () => void;
}

/**
 * Wills of MQTT 5 that are to be said only if their client is not back in time (section 3.1.3.2.2). The engine says them
 * to subscribers by itself; these are stored. By the client id that the engine knows.
 */
export class DelayedWills {
  readonly #waiting = new Map<string, Waiting>();
  /** Whether the client is connected, here or elsewhere, since a moment in milliseconds since 1970. */
  readonly #isBack: (session: Session, since: number) => Promise<boolean>;
  #bytes = 0;

  constructor(isBack: (session: Session, since: number) => Promise<boolean>) {
    this.#isBack = isBack;
  }

  /** The connection was lost: stores its will when that is due. */
  add(session: Session, will: { payload: Buffer; delaySeconds: number }, store: () => void): void {
    const lostAt = Date.now();
    const timer = setTimeout(
      () => {
        this.forget(session);
        // If nobody can say, it is as if there was one gateway.
        void this.#isBack(session, lostAt)
          .catch(() => false)
          .then((isBack) => {
            if (!isBack) store();
          });
      },
      Math.min(will.delaySeconds * 1000, LONGEST_MS),
    );
    timer.unref();
    const bytes = will.payload.length;
    this.#waiting.set(session.engineClientId, { timer, bytes, store });
    this.#bytes += bytes;
    while (this.#waiting.size > MOST || this.#bytes > MOST_BYTES) {
      const [oldest] = this.#waiting.keys();
      this.#take(oldest!)!.store();
    }
  }

  /** A client is in: that its session goes on is why there was a delay, and the end of its session is the delay's. */
  returned(session: Session): void {
    const waiting = this.#take(session.engineClientId);
    if (session.isClean) waiting?.store();
  }

  /** It is not to be said any more. */
  forget(session: Session): void {
    this.#take(session.engineClientId);
  }

  stop(): void {
    for (const clientId of [...this.#waiting.keys()]) this.#take(clientId);
  }

  #take(clientId: string): Waiting | undefined {
    const waiting = this.#waiting.get(clientId);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(clientId);
    this.#bytes -= waiting.bytes;
    return waiting;
  }
}
