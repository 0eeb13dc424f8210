import type { CommandChange, CommandStanding, LostSession } from '../database/command-states.ts';
import {
  type CommandEvent,
  type CommandReason,
  type CommandState,
  isFinal,
  nextCommandState,
  openStates,
} from '../domain/command.ts';

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

export type LedgerItem = { entry: Entry } | { lost: LostSession };

/** What each item makes of the commands as they stand, one after the other. */
export function judge(items: readonly LedgerItem[], standing: readonly CommandStanding[]) {
  const known = new Map(standing.map((command) => [command.id, command]));
  const changes = new Map<string, CommandChange>();
  const written = items.map((item): Written => {
    if ('entry' in item) return enter(item.entry, known.get(item.entry.id), changes);
    for (const command of known.values()) lose(item.lost, command, changes);
    return 'changed';
  });
  const organizations = new Set([...changes.keys()].map((id) => known.get(id)!.organizationId));
  return { changes: [...changes.values()], result: { written, organizations } };
}

/**
 * What entries of one command make of it in whichever state it most likely is, so that it can be written without
 * looking first. In other states than those allowed nothing is written, and it has to be judged as it stands.
 * @returns undefined where that is not to be said beforehand
 */
export function foresee(entries: readonly Entry[]): CommandChange | undefined {
  const id = entries[0]?.id ?? '';
  // The platform's own word needs none.
  const from = entries.find((entry) => entry.from)?.from;
  if (entries.some((entry) => entry.from && !isSame(entry.from, from))) return undefined;
  let foreseen: CommandChange | undefined;
  const allowed: CommandState[] = [];
  for (const state of openStates) {
    const command: CommandStanding = { ...unseen, ...from, id, state };
    const { changes, result } = judge(
      entries.map((entry) => ({ entry })),
      [command],
    );
    const [change] = changes;
    // What a device says must change something: else it is told otherwise.
    const isTold = entries.every(({ result: _, event, from }, index) =>
      event && event !== 'deliver' && from ? result.written[index] === 'changed' : true,
    );
    if (!change || !isTold || (foreseen && foreseen.state !== change.state)) continue;
    foreseen ??= change;
    allowed.push(state);
  }
  return foreseen && { ...foreseen, allowed, from };
}

const unseen = {
  organizationId: '',
  externalDeviceId: '',
  reason: null,
  detail: '',
  publishedAt: 0,
  handedOver: false,
};

function isSame(one: DeviceAddress, other: DeviceAddress | undefined): boolean {
  return one.organizationId === other?.organizationId && one.externalDeviceId === other?.externalDeviceId;
}

function enter(
  entry: Entry,
  command: CommandStanding | undefined,
  changes: Map<string, CommandChange>,
): Written {
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
  if (!isItsOwn || command.state !== 'published' || command.handedOver) return;
  if (command.publishedAt >= lost.before) return;
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
      // Locked, it is in no other.
      allowed: [command.state],
      from: undefined,
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
