import type { Command } from '../contract/commands.ts';
import { getCommand, insertCommands } from '../database/commands.ts';
import type { DeviceAddress } from '../database/devices.ts';
import { type Caller, withScope } from '../database/scope.ts';
import type { Transaction } from '../database/transaction.ts';
import { isFinal } from '../domain/command.ts';
import { PlatformError } from '../service/errors.ts';
import { within } from '../service/within.ts';
import { commandsFor, type MadeCommand, makeCommand, type Wanted } from './command-rows.ts';
import type { CommandStage, WaitingPlace } from './command-waits.ts';
import type { Platform } from './platform.ts';

/** What commands need of a platform. */
export type CommandPlatform = Pick<Platform, 'pool' | 'log' | 'commands'>;

export interface CommandRequest {
  caller: Caller;
  /** Of which device it is asked, as far as that is said; nothing is known of it yet. */
  named?: DeviceAddress;
  /** The same, looked at. @throws PlatformError for one that the caller may not ask anything of */
  device(tx: Transaction): Promise<DeviceAddress>;
  wanted: Wanted;
  idempotencyKey: string | undefined;
  /** How far to wait for it, and how long. */
  wait: { stage: CommandStage; ms: number };
  /** Of the request: whoever is gone waits for nothing. */
  signal: AbortSignal;
}

/** Sending from here, where that is done: a connection is made for it, and its confirmation awaited. */
const DISPATCH_MS = 20_000;

/**
 * Makes a command, has it sent, and waits as long as is wanted.
 * @returns it as it is then
 */
export async function sendCommand(platform: CommandPlatform, request: CommandRequest): Promise<MadeCommand> {
  const { caller, wanted, wait, signal } = request;
  let place: WaitingPlace | undefined;
  try {
    const { organizationId, made } = await withScope(
      platform.pool,
      caller,
      async (tx) => {
        const { organizationId, deviceId } = request.named ?? (await request.device(tx));
        if (wait.ms > 0) place = placeFor(platform, organizationId, wait.stage);
        const command = {
          organizationId,
          name: wanted.name,
          supersedeKey: wanted.supersede_key,
          ttlSeconds: wanted.ttl_seconds,
          idempotencyKey: request.idempotencyKey,
        };
        if (request.named) {
          // Mostly it may be made, and its device is of no type: that takes one round trip, and else none is lost.
          const targets = [{ deviceId, params: wanted.params }];
          const [made] = await insertCommands(tx, { ...command, targets, unasked: true });
          if (made) return { organizationId, made: { command: made, replayed: false } };
          await request.device(tx);
        }
        const [target] = await commandsFor(tx, { organizationId, deviceIds: [deviceId], wanted });
        return { organizationId, made: await makeCommand(tx, { ...command, ...target! }) };
      },
      { planned: true },
    );
    const { id, state } = made.command;
    if (isFinal(state)) return made;
    const isSent = await dispatched(platform, made.command);
    await place?.wait(id, { ...wait, signal });
    if (!isSent && !place) return made;
    return { ...made, command: await readAgain(platform, { caller, organizationId, command: made.command }) };
  } finally {
    place?.giveBack();
  }
}

/** Nobody asked to wait for the confirmation: where there is no room for it, it is not worth a refusal. */
function placeFor(
  { commands }: CommandPlatform,
  organizationId: string,
  stage: CommandStage,
): WaitingPlace | undefined {
  try {
    return commands?.waits.takePlace(organizationId);
  } catch (error) {
    if (stage === 'tried') return undefined;
    throw error;
  }
}

/**
 * Sends it from here, where that is done. Whatever comes of it stands in the row; what takes longer goes on.
 * @returns whether that was tried
 */
export async function dispatched(
  { commands, log }: CommandPlatform,
  command: Pick<Command, 'device_id'>,
): Promise<boolean> {
  if (!commands?.dispatch) return false;
  await within(DISPATCH_MS, commands.dispatch(command.device_id)).catch((error: unknown) => {
    log.warn({ device: command.device_id, error: String(error) }, 'commands not dispatched');
  });
  return true;
}

/** Of a database that is away just now the caller would hear that nothing was done: it was, so it is told what is known. */
async function readAgain(
  { pool }: CommandPlatform,
  known: { caller: Caller; organizationId: string; command: Command },
): Promise<Command> {
  const { caller, organizationId, command } = known;
  try {
    const now = await withScope(pool, caller, (tx) =>
      getCommand(tx, { organizationId, commandId: command.id }),
    );
    return now ?? command;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'unavailable') return command;
    throw error;
  }
}
