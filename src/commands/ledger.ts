import type pg from 'pg';
import {
  type CommandChange,
  type CommandStanding,
  changeCommands,
  type LostSession,
} from '../database/command-states.ts';
import { type CommandEvent, type CommandReason, isFinal, nextCommandState } from '../domain/command.ts';
import { batched } from '../service/batched.ts';
import { PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';

/** Entries in one transaction: a lock and an update of so many rows take some milliseconds. */
const AT_ONCE = 1000;
/** Under load fewer and larger transactions cost less. */
const REST = 1;
/** While the database is away, what nobody waits for is dropped beyond so many. */
const MOST_WAITING = 100_000;
const AGAIN_MS = 500;

/** Whose word it is: it counts for commands of that device alone. */
export interface DeviceAddress {
  organizationId: string;
  externalDeviceId: string;
}

/** Something to be written down about one command. */
export interface Entry {
  id: string;
  /** Absent: it stays where it is, and something else of it changes. */
  event?: CommandEvent;
  from?: DeviceAddress;
  reason?: CommandReason;
  detail?: string;
  /** JSON text. */
  result?: string | undefined;
  /** When the broker was asked, in milliseconds since 1970. */
  publishedAt?: number;
  /** A client without QoS 1 was given it. */
  handedOver?: boolean;
  /** It was tried to be sent. */
  attempted?: boolean;
  waitsForDevice?: boolean;
  retrySeconds?: number;
}

/** What became of an entry. `repeated`: that was known. `finished`: the command had ended otherwise. */
export type Written = 'changed' | 'repeated' | 'finished' | 'unknown' | 'not_its';

type Item = { entry: Entry } | { lost: LostSession };

export interface LedgerOptions {
  pool: pg.Pool;
  log: Logger;
  /** After a commit: the organizations whose commands have changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}

/**
 * The one place that says what becomes of commands: whatever happens to one is judged by the table of states, in the
 * order of being told, many in one transaction. While the database is away it tries on.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #stopping = new AbortController();
  readonly #items = batched((items: Item[]) => this.#write(items), AT_ONCE, REST);

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Resolves once it is committed. @throws PlatformError `unavailable` only when it is stopped before */
  write(entry: Entry): Promise<Written> {
    return this.#items.ask({ entry });
  }

  /** Writes what nobody waits for; dropped if far too much waits. */
  note(item: Item): void {
    if (this.#items.waiting < MOST_WAITING) this.#items.ask(item).catch(() => {});
  }

  /** Resolves when nothing is under way; what the database did not take by then is given up. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#items.settled();
  }

  async #write(items: Item[]): Promise<Written[]> {
    const ids = [...new Set(items.flatMap((item) => ('entry' in item ? [item.entry.id] : [])))];
    const lost = items.flatMap((item) => ('lost' in item ? [item.lost] : []));
    for (;;) {
      try {
        const { written, organizations } = await changeCommands(
          this.#options.pool,
          { ids, lost },
          (standing) => judge(items, standing),
        );
        if (organizations.size > 0) this.#options.onChanged(organizations);
        return written;
      } catch (error) {
        const isTransient =
          error instanceof PlatformError && (error.code === 'unavailable' || error.code === 'conflict');
        if (!isTransient || this.#stopping.signal.aborted) {
          this.#options.log.error(
            { error: String(error), items: items.length },
            'commands could not be written',
          );
          throw error;
        }
        await pause(AGAIN_MS, this.#stopping.signal);
      }
    }
  }
}

/** What each item makes of the commands as they stand, one after the other. */
function judge(items: readonly Item[], standing: readonly CommandStanding[]) {
  const known = new Map(standing.map((command) => [command.id, command]));
  const changes = new Map<string, CommandChange>();
  const written = items.map((item): Written => {
    if ('entry' in item) return enter(item.entry, known, changes);
    for (const command of known.values()) lose(item.lost, command, changes);
    return 'changed';
  });
  const organizations = new Set([...changes.keys()].map((id) => known.get(id)!.organizationId));
  return { changes: [...changes.values()], result: { written, organizations } };
}

function enter(
  entry: Entry,
  known: ReadonlyMap<string, CommandStanding>,
  changes: Map<string, CommandChange>,
): Written {
  const command = known.get(entry.id);
  if (!command) return 'unknown';
  const { from, event } = entry;
  // Another organization's is as one that there is not.
  if (from && from.organizationId !== command.organizationId) return 'unknown';
  if (from && from.externalDeviceId !== command.externalDeviceId) return 'not_its';
  const next = event && nextCommandState(command.state, event);
  if (event && !next) {
    // Its own client's word comes behind the device's answer where it confirms what it has dealt with.
    if (event === 'deliver') changeOf(command, changes).delivered = true;
    if (nextCommandState('queued', event) === command.state) return 'repeated';
    return isFinal(command.state) ? 'finished' : 'repeated';
  }
  // Sent all the same, told late: what the device says has overtaken it.
  if (!event && command.state !== 'queued' && !entry.handedOver) return 'repeated';
  const change = changeOf(command, changes);
  change.state = command.state = next ?? command.state;
  change.reason = entry.reason ?? null;
  change.detail = entry.detail ?? '';
  change.result = entry.result ?? change.result;
  if (entry.publishedAt !== undefined) change.publishedAt = command.publishedAt = entry.publishedAt;
  change.handedOver = command.handedOver ||= entry.handedOver === true;
  change.delivered ||= event === 'deliver';
  change.acknowledged ||= event === 'acknowledge';
  change.attempted ||= entry.attempted === true;
  change.waitsForDevice = entry.waitsForDevice === true;
  change.retrySeconds = entry.retrySeconds;
  return 'changed';
}

/** A session took it along that was not confirmed; one that was handed over without QoS 1 can't be confirmed. */
function lose(lost: LostSession, command: CommandStanding, changes: Map<string, CommandChange>): void {
  const isItsOwn =
    command.organizationId === lost.organizationId && command.externalDeviceId === lost.externalDeviceId;
  if (!isItsOwn || command.state !== 'published' || command.handedOver || command.publishedAt >= lost.before)
    return;
  const change = changeOf(command, changes);
  change.state = command.state = nextCommandState('published', 'lose')!;
  change.reason = 'session_lost' satisfies CommandReason;
  change.detail = '';
  change.retrySeconds = 0;
}

function changeOf(command: CommandStanding, changes: Map<string, CommandChange>): CommandChange {
  let change = changes.get(command.id);
  if (!change) {
    change = {
      id: command.id,
      deviceId: command.deviceId,
      state: command.state,
      reason: command.reason,
      detail: command.detail,
      result: undefined,
      publishedAt: undefined,
      handedOver: command.handedOver,
      delivered: false,
      acknowledged: false,
      attempted: false,
      waitsForDevice: false,
      retrySeconds: undefined,
    };
    changes.set(command.id, change);
  }
  return change;
}
