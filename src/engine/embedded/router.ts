import type { Commit, Journal } from './journal.ts';
import type { Message } from './message.ts';
import type { RetainedMessages } from './retained.ts';
import type { Session } from './session.ts';
import type { SubscriptionTrie } from './subscription-trie.ts';

/** Topics whose answer `wants` remembers: a fleet's, in a few megabytes. */
const REMEMBERED_TOPICS = 20_000;

/** Takes each message to the sessions that it is for. */
export class Router {
  readonly #subscriptions: SubscriptionTrie<Session>;
  readonly #retained: RetainedMessages;
  readonly #journal: Journal;
  readonly #wanted = new Map<string, boolean>();
  #wantedVersion = -1;

  constructor(options: {
    subscriptions: SubscriptionTrie<Session>;
    retained: RetainedMessages;
    journal: Journal;
  }) {
    this.#subscriptions = options.subscriptions;
    this.#retained = options.retained;
    this.#journal = options.journal;
  }

  /**
   * True when a message on `topic` is for any session, connected or not. Asked for every message that comes in:
   * 0.03 µs for a topic that was asked for since the last change of a subscription, 0.8 µs else.
   */
  wants(topic: string): boolean {
    if (this.#wantedVersion !== this.#subscriptions.version || this.#wanted.size >= REMEMBERED_TOPICS) {
      this.#wanted.clear();
      this.#wantedVersion = this.#subscriptions.version;
    }
    let wanted = this.#wanted.get(topic);
    if (wanted === undefined) {
      wanted = this.#subscriptions.matches(topic);
      this.#wanted.set(topic, wanted);
    }
    return wanted;
  }

  /** True when a session that `topic` is for has its client connected. */
  reaches(topic: string): boolean {
    for (const session of this.#subscriptions.match(topic).keys()) if (session.isConnected) return true;
    return false;
  }

  /**
   * Retains a message if it asks for that, and hands it to every session once, with the highest QoS of the
   * subscriptions that match (MQTT 3.1.1 section 3.3.5).
   * @returns what must be on disk before the message is acknowledged; undefined when nothing must
   */
  route(message: Message): Commit | undefined {
    const before = this.#journal.puts;
    if (message.retain) this.#retained.store(message);
    for (const [session, granted] of this.#subscriptions.match(message.topic)) {
      session.outbox.offer(message, granted);
    }
    return this.#journal.puts === before ? undefined : this.#journal.pending();
  }
}
