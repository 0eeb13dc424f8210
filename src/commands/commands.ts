import type pg from 'pg';
import {
  type CalledDevice,
  callWaiting,
  type Queue,
  type WaitingDevice,
  waitingDevices,
} from '../database/command-queue.ts';
import { callForgotten, expireCommands } from '../database/command-upkeep.ts';
import type { SendCommand, Sent } from '../domain/sending.ts';
import { batched } from '../service/batched.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { pause } from '../service/pause.ts';
import { Answers } from './answers.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DeviceAddress } from './judge.ts';
import { Ledger } from './ledger.ts';

/** PostgreSQL says when there is something to do; should it be missed, and for what is due later, this finds it. */
const ROUND_MS = 1000;
const LONGEST_REST_MS = 10;
const SEVERAL = 4;
/** All devices of an organization are called no more often than this. */
const CALL_ALL_MS = 1000;
/** Devices that are there and were not called, as after a crash in between. */
const LOOK_MS = 10_000;
const PAGE = 5000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Where a command would go. */
export type Destination = Omit<WaitingDevice, 'deviceId'>;

export interface CommandsOptions {
  pool: pg.Pool;
  log: Logger;
  clock: Clock;
  send: SendCommand;
  /** Whether somebody is there who would get it now. Absent: devices of the hosted broker can't be reached from here. */
  isThere?: (destination: Destination) => boolean;
  /** What commands are sent from. Default: all that can be reached from here; none where others send. */
  queues?: readonly Queue[];
  /** Organizations whose commands have changed. */
  onChanged: (organizationIds: ReadonlySet<string>) => void;
}

/** A client has come to be subscribed to a device's commands, or to those of all devices of its organization. */
export interface Listening extends CalledDevice {
  /** Of a new session: what was published before that and not confirmed went with the one before. */
  since?: number | undefined;
}

/** From the row that asks something of a device to the device, and back: its states, its answers, its end. */
export class Commands implements Service {
  readonly name = 'commands';
  readonly answers: Answers;
  readonly #options: CommandsOptions;
  readonly #ledger: Ledger;
  readonly #dispatcher: Dispatcher;
  readonly #called;
  /** Organizations whose devices were called just now, and whether that was asked for again. */
  readonly #calledAll = new Map<string, boolean>();
  #timers: NodeJS.Timeout[] = [];
  #later: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  /** Queues in which there may be something. */
  readonly #calling = new Set<Queue>();
  readonly #queues: readonly Queue[];
  #look: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: CommandsOptions) {
    const { pool, log, onChanged, isThere } = options;
    this.#options = options;
    this.#queues =
      options.queues ?? (isThere ? ['commands_hosted', 'commands_external'] : ['commands_external']);
    this.#ledger = new Ledger({ pool, log, onChanged });
    this.answers = new Answers(this.#ledger);
    this.#dispatcher = new Dispatcher({
      ...options,
      ledger: this.#ledger,
      hosted: isThere !== undefined,
      isThere: isThere ?? (() => false),
      onRoom: (queue) => this.wake(queue),
    });
    this.#called = batched(async (devices: CalledDevice[]) => {
      await callWaiting(pool, devices);
      return devices;
    }, PAGE);
  }

  /** Devices that commands are being sent to. */
  get turns(): number {
    return this.#dispatcher.turns;
  }

  /** Tries so far, by what came of them. */
  get totals(): Readonly<Record<Sent['outcome'], number>> {
    return this.#dispatcher.totals;
  }

  async start(): Promise<void> {
    if (this.#queues.length === 0) return;
    this.#timers = [
      setInterval(() => void this.#tick(), ROUND_MS),
      setInterval(() => {
        this.#look ??= this.#callThoseThere().finally(() => {
          this.#look = undefined;
        });
      }, LOOK_MS),
    ];
    this.wake();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of [...this.#timers, this.#later]) clearTimeout(timer);
    await this.#round;
    await this.#look;
    await this.#dispatcher.stop();
    await this.#ledger.stop();
  }

  /** There may be something in a queue; without its name, in any. */
  wake(name?: string): void {
    for (const queue of this.#queues) if (!name || queue === name) this.#calling.add(queue);
    if (this.#isStopped || this.#calling.size === 0) return;
    this.#round ??= this.#runRounds().finally(() => {
      this.#round = undefined;
    });
  }

  /** Sends what is due for a device from here; resolves when nothing is, or another process is at it. */
  dispatch(deviceId: string): Promise<void> {
    return this.#dispatcher.dispatch(deviceId);
  }

  /**
   * Does once what a process does by timers: for where none stays.
   * @param signal what is being sent then is sent still, and no more
   * @throws what the database says
   */
  async drain(signal: AbortSignal): Promise<void> {
    await this.#expire();
    await this.#callForgotten();
    for (;;) {
      const { hasMore, laterMs = 0 } = await this.#dispatcher.round(this.#queues, signal);
      await this.#dispatcher.settled();
      if (signal.aborted || !(hasMore || laterMs)) return;
      if (!hasMore) await pause(laterMs, signal);
    }
  }

  /** The device's own client has confirmed a command. */
  delivered(id: string, from: DeviceAddress): void {
    this.#ledger.note({ entry: { id, event: 'deliver', from } });
  }

  /** It was given to the device's own client without QoS 1: nothing will confirm it. */
  handedOver(id: string, from: DeviceAddress): void {
    this.#ledger.note({ entry: { id, from, handedOver: true } });
  }

  listening({ organizationId, externalDeviceId, since }: Listening): void {
    if (externalDeviceId !== undefined && since !== undefined)
      this.#ledger.note({ lost: { organizationId, externalDeviceId, before: since } });
    if (externalDeviceId !== undefined) this.#call({ organizationId, externalDeviceId });
    else this.#callAll(organizationId);
  }

  /** All of an organization, once in a while: a client may subscribe as often as it likes. */
  #callAll(organizationId: string): void {
    const isRecent = this.#calledAll.has(organizationId);
    this.#calledAll.set(organizationId, isRecent);
    if (isRecent) return;
    this.#call({ organizationId, externalDeviceId: undefined });
    setTimeout(() => {
      const isAsked = this.#calledAll.get(organizationId);
      this.#calledAll.delete(organizationId);
      if (isAsked && !this.#isStopped) this.#callAll(organizationId);
    }, CALL_ALL_MS).unref();
  }

  #call(device: CalledDevice): void {
    // Should the database be away, it is looked after later.
    this.#called.ask(device).catch(() => {});
  }

  async #runRounds(): Promise<void> {
    while (this.#calling.size > 0 && !this.#isStopped) {
      const queues = [...this.#calling];
      this.#calling.clear();
      const started = performance.now();
      try {
        for (let hasMore = true; hasMore; ) {
          const round = await this.#dispatcher.round(queues);
          hasMore = round.hasMore;
          if (round.laterMs) this.#wakeLater(round.laterMs);
        }
      } catch (error) {
        this.#options.log.debug({ error: String(error) }, 'the queues of commands could not be read');
        return;
      }
      // Under load several calls are answered with one look.
      if (this.#dispatcher.turns < SEVERAL) continue;
      const restMs = Math.min(LONGEST_REST_MS, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  }

  #wakeLater(ms: number): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.wake();
    }, ms);
  }

  async #tick(): Promise<void> {
    this.wake();
    await this.#expire().catch((error) => {
      this.#options.log.debug({ error: String(error) }, 'commands that have expired could not be ended');
    });
  }

  async #expire(): Promise<void> {
    const { pool, onChanged } = this.#options;
    const organizations = await expireCommands(pool);
    if (organizations.size > 0) onChanged(organizations);
  }

  #callForgotten(): Promise<void> {
    const { pool, isThere } = this.#options;
    return callForgotten(pool, { hosted: isThere !== undefined });
  }

  /** Calls devices that wait though they are there, and those whose call was lost. */
  async #callThoseThere(): Promise<void> {
    const { pool, isThere, log } = this.#options;
    try {
      await this.#callForgotten();
      for (let after = BEFORE_ALL; isThere && !this.#isStopped; ) {
        const devices = await waitingDevices(pool, { after, limit: PAGE });
        const there = devices.filter(isThere);
        if (there.length > 0) await callWaiting(pool, there);
        if (devices.length < PAGE) return;
        after = devices.at(-1)!.deviceId;
      }
    } catch (error) {
      log.debug({ error: String(error) }, 'devices that commands wait for could not be looked for');
    }
  }
}
