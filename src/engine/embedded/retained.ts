import type { RetainedRow } from '../../database/broker.ts';
import type { Logger } from '../../service/log.ts';
import { Budget, messageBytes } from './budget.ts';
import type { Journal } from './journal.ts';
import type { EmbeddedLimits } from './limits.ts';
import type { Message } from './message.ts';
import { RetainedTrie } from './retained-trie.ts';

interface RetainedOptions {
  journal: Journal;
  limits: EmbeddedLimits;
  log: Logger;
  nextId: () => number;
}

/** The retained messages of all organizations, bounded for each. */
export class RetainedMessages {
  readonly #options: RetainedOptions;
  readonly #trie = new RetainedTrie<RetainedRow>();
  readonly #total: Budget;
  /** By the first level of the topic, which is the organization's. */
  readonly #budgets = new Map<string, Budget>();
  #refused = 0;

  constructor(options: RetainedOptions) {
    this.#options = options;
    const bytes = options.limits.totalRetainedBytes;
    this.#total = new Budget({ name: 'total', messages: Number.MAX_SAFE_INTEGER, bytes });
  }

  get size(): number {
    return this.#trie.size;
  }

  /** Messages that were not retained because a limit was reached. */
  get refused(): number {
    return this.#refused;
  }

  match(filter: string): Generator<RetainedRow> {
    return this.#trie.match(filter);
  }

  /** Keeps a message as its topic's last; an empty payload clears the topic [MQTT-3.3.1-10]. */
  store(message: Message): void {
    const { topic } = message;
    const budget = this.#budgetOf(topic);
    const known = this.#trie.get(topic);
    if (known) budget.give(messageBytes(topic, known.payload));
    if (message.payload.length === 0) {
      if (known) this.#remove(known);
      return;
    }
    const bytes = messageBytes(topic, message.payload);
    const limit = budget.exceededBy(bytes);
    if (limit !== undefined) {
      this.#refuse(topic, limit);
      // The old one is no longer what was said last.
      if (known) this.#remove(known);
      return;
    }
    budget.take(bytes);
    if (known) this.#change(known, message);
    else this.#add(message);
  }

  /** Takes up what the database had. */
  restore(row: RetainedRow): void {
    this.#trie.set(row.topic, row);
    this.#budgetOf(row.topic).take(messageBytes(row.topic, row.payload));
  }

  #add(message: Message): void {
    const row = {
      id: this.#options.nextId(),
      topic: message.topic,
      payload: message.hold(),
      qos: message.qos,
    };
    this.#trie.set(row.topic, row);
    this.#options.journal.insert('retained', row);
  }

  #change(row: RetainedRow, message: Message): void {
    row.payload = message.hold();
    row.qos = message.qos;
    this.#options.journal.update('retained', row);
  }

  #remove(row: RetainedRow): void {
    this.#trie.delete(row.topic);
    this.#options.journal.remove('retained', row.id);
  }

  #refuse(topic: string, limit: string): void {
    // One line for a fleet that runs into its limit, not one for each device.
    if (this.#refused === 0 || this.#refused % 1000 === 0) {
      this.#options.log.warn(
        { topic, limit, refused: this.#refused + 1 },
        'message not retained: limit reached',
      );
    }
    this.#refused += 1;
  }

  #budgetOf(topic: string): Budget {
    const slash = topic.indexOf('/');
    const owner = slash < 0 ? topic : topic.slice(0, slash);
    let budget = this.#budgets.get(owner);
    if (!budget) {
      const { retainedPerOrganization, retainedBytesPerOrganization } = this.#options.limits;
      budget = new Budget(
        { name: 'organization', messages: retainedPerOrganization, bytes: retainedBytesPerOrganization },
        this.#total,
      );
      this.#budgets.set(owner, budget);
    }
    return budget;
  }
}
