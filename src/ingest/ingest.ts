import type pg from 'pg';
import { HistoryPartitions } from '../database/history-partitions.ts';
import type { Decoded, QuarantineReason, Refusal } from '../domain/reading.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { decodingOf, type ExpressionRunner, inputOf } from './decoding.ts';
import { DeviceRegistry } from './device-registry.ts';
import type { WatchedRules } from './device-watch.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { IntegrationRules } from './integration-rules.ts';
import { Journal } from './journal.ts';
import { keyCounter } from './keys.ts';
import { Lane } from './lane.ts';
import type { ConnectionSignal, InboundMessage, MessageOutcome } from './message.ts';
import {
  type AnswerOutcome,
  isDecoded,
  type PreparedMessage,
  prepare,
  prepareAnswer,
  refused,
} from './prepare.ts';

const MICROSECONDS_A_DAY = 86_400_000_000;

/** Limits of organizations, as far as they concern what is stored. */
export interface StorageLimits {
  /** Organizations that have as many readings stored as they may. */
  readonly full: ReadonlySet<string>;
  stored(organizationId: string, readings: number): void;
  /** A message is in quarantine for a limit. */
  hit(integration: IntegrationRules, reason: 'stored_rows' | 'device_limit'): void;
}

/** Replayed when there is room. */
const noRoom: Refusal = { reason: 'stored_rows', detail: '' };

export interface IngestOptions {
  pool: pg.Pool;
  /** For the lanes' own connections. */
  connection: pg.ClientConfig;
  clock: Clock;
  log: Logger;
  retentionDays: number;
  /** Devices that are known. Default: one of its own. */
  devices?: DeviceRegistry;
  /** Two keep one committing while the other gathers; more only queue for the same disk. */
  lanes?: number;
  /** Absent: messages that need one go to quarantine. */
  expressions?: ExpressionRunner;
  /** Absent: organizations store without a limit. */
  limits?: StorageLimits;
  /** What rules of an organization look at. Absent: there are no rules here. */
  rulesOf?: (organizationId: string) => WatchedRules | undefined;
  /** Takes answers to commands, before they are stored as messages of their device. Absent: there are no commands here. */
  answers?: { take(message: InboundMessage): Promise<AnswerOutcome> };
  /** After a commit, of the journal too: the organizations that have something new. */
  onStored?: (organizationIds: ReadonlySet<string>) => void;
  onDatabase?: (available: boolean) => void;
}

/**
 * From a message to its rows: decode, judge, batch, store, receipt. `accept` takes a message at once and
 * reports by `settled` after the commit; whoever calls it bounds what waits.
 */
export class Ingest implements Service {
  readonly name = 'ingest';
  readonly devices: DeviceRegistry;
  readonly journal: Journal;
  readonly #lanes: Lane[];
  readonly #options: IngestOptions;
  readonly #nextKey: () => Fingerprint = keyCounter();
  #waiting = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.devices = options.devices ?? new DeviceRegistry();
    this.journal = new Journal({ pool: options.pool, log: options.log, onWritten: options.onStored });
    const partitions = new HistoryPartitions(options.pool);
    const away = new Set<Lane>();
    this.#lanes = Array.from({ length: options.lanes ?? 2 }, () => {
      const lane: Lane = new Lane({
        connection: options.connection,
        partitions,
        log: options.log,
        rulesOf: options.rulesOf ?? (() => undefined),
        onStored: ({ outcomes, reasons }) => {
          this.#waiting -= outcomes.size;
          const organizations = new Set<string>();
          for (const [item, outcome] of outcomes) {
            organizations.add(item.message.source.integration.organizationId);
            this.#counted(item, outcome, reasons.get(item));
            if (item.message.quarantineId) continue;
            this.journal.settled(item, outcome, reasons.get(item));
          }
          options.onStored?.(organizations);
        },
        onWithdrawn: (count) => {
          this.#waiting -= count;
        },
        onAvailable: (available) => {
          const before = away.size;
          if (available) away.delete(lane);
          else away.add(lane);
          if ((before === 0) === (away.size === 0)) return;
          if (available) options.log.info({}, 'the database is back');
          else options.log.warn({}, 'the database is away; messages wait');
          options.onDatabase?.(available);
        },
      });
      return lane;
    });
  }

  /** Messages accepted and not yet settled. */
  get waiting(): number {
    return this.#waiting;
  }

  accept(message: InboundMessage): void {
    this.#waiting += 1;
    const { expressions, answers } = this.#options;
    if (message.channel === 'responses' && !message.refusal) {
      const noCommands: AnswerOutcome = {
        reason: 'unknown_command',
        detail: 'no commands are sent from here',
      };
      const taken = answers?.take(message) ?? Promise.resolve(noCommands);
      void taken.then((outcome) => this.#store(prepareAnswer(message, outcome)));
      return;
    }
    const decoding = decodingOf(message);
    if (typeof decoding === 'function' || !expressions || !isDecoded(message)) {
      this.#add(message);
      return;
    }
    const { id: integrationId } = message.source.integration;
    const { expression } = decoding;
    const isWanted = () => message.withdrawn !== true;
    const asked = expressions.decode({ integrationId, expression, input: inputOf(message), isWanted });
    void asked.then((decoded) => this.#add(message, decoded));
  }

  #counted(
    { readings, message }: PreparedMessage,
    outcome: MessageOutcome,
    reason: QuarantineReason | undefined,
  ): void {
    const { limits } = this.#options;
    if (!limits) return;
    const { integration } = message.source;
    if (outcome === 'stored') limits.stored(integration.organizationId, readings.length);
    else if (reason === 'stored_rows' || reason === 'device_limit') limits.hit(integration, reason);
  }

  #add(message: InboundMessage, decoded?: Decoded): void {
    // From now on, not from its receipt: a message out of quarantine may be older than what is kept.
    const now = this.#options.clock.now() * 1000;
    const oldest = now - this.#options.retentionDays * MICROSECONDS_A_DAY;
    const full = this.#options.limits?.full;
    const isFull = full && full.size > 0 && full.has(message.source.integration.organizationId);
    const prepared =
      isFull && isDecoded(message)
        ? refused(message, noRoom)
        : prepare(message, { oldest, nextKey: this.#nextKey }, decoded);
    this.#store(prepared);
  }

  #store(prepared: PreparedMessage): void {
    this.#laneOf(prepared.message.source.clientKey).add(prepared);
  }

  signal(signal: ConnectionSignal): void {
    this.#laneOf(signal.source.clientKey).add(signal);
  }

  async start(): Promise<void> {
    await this.journal.start();
  }

  /** Stores what waits, for five seconds at most: what is not stored was not acknowledged. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, 5000);
    });
    await Promise.race([Promise.all(this.#lanes.map((lane) => lane.drained())), patience]);
    clearTimeout(timer);
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
    await this.journal.stop();
  }

  #laneOf(clientKey: Fingerprint): Lane {
    return this.#lanes[clientKey.low % this.#lanes.length]!;
  }
}
