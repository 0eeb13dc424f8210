import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  type DeviceCall,
  endTurns,
  leaveTurns,
  type Queue,
  readTurns,
  type TakenTurn,
  type TurnTerms,
  takeTurns,
} from '../database/command-queue.ts';
import { isUnavailable } from '../database/database-error.ts';
import type { OutgoingCommand, SendCommand, Sent } from '../domain/sending.ts';
import { batched } from '../service/batched.ts';
import type { Clock } from '../service/clock.ts';
import type { Logger } from '../service/log.ts';
import { within } from '../service/within.ts';
import type { Entry } from './judge.ts';
import type { Ledger } from './ledger.ts';

/** A turn's lease, and how long a word of the queue is ours: whoever is gone holds a device up for no longer. */
const TURN_SECONDS = 15;
/** One command's sending must have come to something well before that. */
const SEND_MS = 11_000;
/** Words read at a time, and devices of one queue whose turn it may be at once. */
const CALLS_AT_ONCE = 500;
const MOST_TURNS = 1000;
/** Of them an organization's, whose broker may be deaf: others have theirs. */
const MOST_TURNS_EACH = 250;
/** What an organization has beyond that is looked at again. */
const LATER_MS = 250;
/** Of statements for many devices at once: under load a third of the time goes to each of three of them. */
const REST = 2;
/** Waits for a transaction that holds the next command, as when that is called off just now. */
const HELD_MS = [20, 100, 500];
/** Waits before the next try: doubled each time, up to this. */
const LONGEST_WAIT_SECONDS = 60;

export interface DispatcherOptions {
  pool: pg.Pool;
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  send: SendCommand;
  /** Whether devices of the hosted broker can be reached from this process. */
  hosted: boolean;
  /** Who would get it now has come to be there: called after it was written down that nobody is. */
  isThere: (command: OutgoingCommand) => boolean;
  /** There is room again for what was left in a queue. */
  onRoom: (queue: Queue) => void;
}

interface Turn {
  deviceId: string;
  /** Of one that a word began. */
  queue: Queue | undefined;
  organizationId: string | undefined;
  /** Words of the queues that began it or came meanwhile. */
  words: DeviceCall[];
  ended: Promise<void>;
}

/**
 * Sends each device's commands one after the other, many devices at a time. A device's turn is one process's, by a
 * lease: so any number of processes may do this, and a device's commands keep their order.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #worker = randomUUID();
  readonly #turns = new Map<string, Turn>();
  readonly #terms: TurnTerms;
  readonly #takes;
  readonly #ends;
  #isStopped = false;
  /** Queues that were not read for want of room. */
  readonly #full = new Set<Queue>();

  constructor(options: DispatcherOptions) {
    const { pool, hosted } = options;
    this.#options = options;
    this.#terms = { worker: this.#worker, seconds: TURN_SECONDS, hosted };
    this.#takes = batched(
      async (devices: string[]) => {
        const turns = await takeTurns(pool, devices, this.#terms);
        return devices.map((device) => turns.get(device));
      },
      MOST_TURNS,
      REST,
    );
    this.#ends = batched(
      async (turns: { deviceId: string; words: DeviceCall[] }[]) => {
        const open = await endTurns(pool, turns, this.#worker);
        return turns.map(({ deviceId }) => !open.has(deviceId));
      },
      MOST_TURNS,
      REST,
    );
  }

  /** Tries so far, by what came of them. */
  readonly totals: Record<Sent['outcome'], number> = { published: 0, away: 0, retry: 0, undeliverable: 0 };

  /** Devices whose turn it is. */
  get turns(): number {
    return this.#turns.size;
  }

  /**
   * Reads queues and begins turns.
   * @param signal ends those turns between two commands
   * @returns whether there may be more in them, now or after `laterMs`
   * @throws what the database says
   */
  async round(
    queues: Iterable<Queue>,
    signal?: AbortSignal,
  ): Promise<{ hasMore: boolean; laterMs: number | undefined }> {
    const { pool } = this.#options;
    let hasMore = false;
    let laterMs: number | undefined;
    for (const queue of queues) {
      if (this.#isStopped) break;
      const { most, busy } = this.#room(queue);
      if (most <= 0) {
        this.#full.add(queue);
        continue;
      }
      const inHand = [...this.#turns.keys()];
      const bounds = { mostEach: MOST_TURNS_EACH, busy, laterMs: LATER_MS };
      const read = await readTurns(pool, { queue, most, inHand, ...bounds }, this.#terms);
      for (const { call, turn } of read.calls) {
        const underWay = this.#turns.get(call.deviceId);
        if (underWay) underWay.words.push(call);
        // One that another process has keeps its word, for when that is gone; one of ours may have ended meanwhile.
        else if (turn || inHand.includes(call.deviceId))
          this.#begin(call.deviceId, { taken: turn, queue, signal }).words.push(call);
      }
      hasMore ||= read.hasMore;
      if (read.hasLater) laterMs = LATER_MS;
    }
    return { hasMore, laterMs };
  }

  /** What may be read of a queue, and the turns that organizations have of it. */
  #room(queue: Queue): { most: number; busy: Map<string, number> } {
    const busy = new Map<string, number>();
    let turns = 0;
    for (const turn of this.#turns.values()) {
      if (turn.queue !== queue) continue;
      turns += 1;
      if (turn.organizationId) busy.set(turn.organizationId, (busy.get(turn.organizationId) ?? 0) + 1);
    }
    return { most: Math.min(CALLS_AT_ONCE, MOST_TURNS - turns), busy };
  }

  /** Sends what is due for one device; resolves when nothing is, or another process is at it. */
  async dispatch(deviceId: string): Promise<void> {
    // One that is under way may have looked before there was what it is asked for now.
    await this.#turns.get(deviceId)?.ended;
    await (this.#turns.get(deviceId) ?? this.#begin(deviceId)).ended;
  }

  /** Begins no more; resolves when what is being sent has come to something. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.settled();
  }

  /** Resolves when no turn is under way. */
  async settled(): Promise<void> {
    while (this.#turns.size > 0) await Promise.all([...this.#turns.values()].map(({ ended }) => ended));
  }

  /** @param begun.taken what was taken of it already */
  #begin(
    deviceId: string,
    begun: { taken?: TakenTurn | undefined; queue?: Queue; signal?: AbortSignal | undefined } = {},
  ): Turn {
    const { taken, queue, signal } = begun;
    const organizationId = taken?.commands[0]?.organizationId;
    const turn: Turn = { deviceId, queue, organizationId, words: [], ended: Promise.resolve() };
    this.#turns.set(deviceId, turn);
    turn.ended = this.#run(turn, taken, signal)
      .catch((error) => {
        // The lease runs out, and the words come again.
        const { log } = this.#options;
        const fields = { device: deviceId, error: String(error) };
        if (isUnavailable(error)) log.debug(fields, 'commands could not be sent: the database is away');
        else log.warn(fields, 'commands could not be sent');
      })
      .finally(() => this.#ended(turn));
    return turn;
  }

  #ended({ deviceId, queue }: Turn): void {
    this.#turns.delete(deviceId);
    if (!queue || !this.#full.has(queue) || this.#room(queue).most < CALLS_AT_ONCE) return;
    this.#full.delete(queue);
    this.#options.onRoom(queue);
  }

  async #run(turn: Turn, begun?: TakenTurn, signal?: AbortSignal): Promise<void> {
    const { deviceId } = turn;
    let tries = 0;
    for (let first = begun; ; first = undefined) {
      const taken = first ?? (await this.#takes.ask(deviceId));
      // Another process is at it; the words that are left are for when it is gone.
      if (!taken) return;
      // Stopped for so long, as a machine may be, that others have gone on with it.
      if (performance.now() > taken.until) continue;
      if (taken.isHeld) {
        const ms = HELD_MS[tries++];
        // Held for longer, it is for when the words come again.
        if (ms === undefined || this.#isStopped) return;
        await new Promise((resolve) => setTimeout(resolve, ms));
        continue;
      }
      const haveLeft = await this.#sendAll(taken, signal);
      if (this.#isStopped || signal?.aborted) return leaveTurns(this.#options.pool, [deviceId], this.#worker);
      if (haveLeft && taken.hasMore) continue;
      const words = turn.words.splice(0);
      const isOver = await this.#ends.ask({ deviceId, words });
      // Words that came while it was being ended begin it anew.
      if (isOver && turn.words.length === 0) return;
    }
  }

  /**
   * One after the other, as long as each makes room for the one behind it: one that waits keeps its place.
   * @returns whether all have left
   */
  async #sendAll({ commands, until }: TakenTurn, signal?: AbortSignal): Promise<boolean> {
    const { ledger } = this.#options;
    const written: Promise<unknown>[] = [];
    let sent = 0;
    let isOpen = commands.length > 0;
    for (const command of commands) {
      // Sending the next one is to come to something while the turn is ours.
      const isLate = performance.now() > (sent === 0 ? until : until - SEND_MS);
      if (!isOpen || this.#isStopped || signal?.aborted || isLate) break;
      sent += 1;
      isOpen = await this.#send(command, written);
    }
    // The others may be called off again.
    for (const { id } of commands.slice(sent)) written.push(ledger.write({ id }));
    await Promise.all(written);
    return isOpen && sent === commands.length;
  }

  /** @param written takes what is not written down yet: the next one need not wait for it */
  async #send(command: OutgoingCommand, written: Promise<unknown>[]): Promise<boolean> {
    const { clock, ledger, send, isThere } = this.#options;
    const publishedAt = clock.now();
    const sent = await within(SEND_MS, send(command)).catch(
      (): Sent => ({ outcome: 'retry', reason: 'broker_away', detail: 'The broker did not answer in time.' }),
    );
    this.totals[sent.outcome] += 1;
    const isWritten = ledger.write(entryOf(command, sent, publishedAt));
    written.push(isWritten);
    // Heard of when all are awaited, and not before.
    isWritten.catch(() => {});
    if (sent.outcome !== 'away') return sent.outcome === 'published' || sent.outcome === 'undeliverable';
    await isWritten;
    if (isThere(command)) {
      // Somebody came between the look and the word of it; who comes from now on finds the word.
      await ledger.write({ id: command.id });
    }
    return false;
  }
}

function entryOf(command: OutgoingCommand, sent: Sent, publishedAt: number): Entry {
  const { id, attempts } = command;
  switch (sent.outcome) {
    case 'published':
      return { id, event: 'publish', attempted: true, publishedAt };
    case 'away':
      return { id, reason: 'device_away', waitsForDevice: true };
    case 'undeliverable':
      return { id, event: 'give_up', attempted: true, reason: sent.reason, detail: sent.detail };
    case 'retry': {
      const { reason, detail, most } = sent;
      const tried = { id, attempted: true, reason, detail };
      if (most !== undefined && attempts + 1 >= most) return { ...tried, event: 'give_up' };
      return { ...tried, retrySeconds: waitSeconds(attempts) };
    }
  }
}

/** Half of it at random, so that what failed together does not come back together. */
function waitSeconds(attempts: number): number {
  return Math.min(LONGEST_WAIT_SECONDS, 2 ** attempts) * (0.5 + Math.random() / 2);
}
