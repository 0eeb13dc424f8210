import { fitParams } from '../contract/command-fields.ts';
import type { Command, CreateCommand } from '../contract/commands.ts';
import type { DeclaredCommand } from '../contract/device-types.ts';
import {
  commandByKey,
  commandTargets,
  getCommand,
  insertCommands,
  type NewCommands,
} from '../database/commands.ts';
import { declarationsOf } from '../database/device-types.ts';
import type { Transaction } from '../database/transaction.ts';
import { PlatformError } from '../service/errors.ts';
import { invalidFields } from './problem.ts';

/** What is asked, of whichever device. */
export type Wanted = Pick<CreateCommand, 'name' | 'params' | 'ttl_seconds' | 'supersede_key'>;

/** What all params of one request may come to as JSON, in bytes: each device has its own. */
const MOST_PARAMS_BYTES = 8 * 1024 * 1024;

/**
 * The devices with the params that each gets: as its type declares the command, if it does.
 * @throws PlatformError `not_found` naming a device that is not there; `invalid_request` naming the parameters that do
 * not fit; `payload_too_large`
 */
export async function commandsFor(
  tx: Transaction,
  request: { organizationId: string; deviceIds: readonly string[]; wanted: Wanted },
): Promise<NewCommands['targets']> {
  const { organizationId, wanted } = request;
  const deviceIds = [...new Set(request.deviceIds)];
  const devices = await commandTargets(tx, { organizationId, deviceIds });
  const typeOf = new Map(devices.map(({ deviceId, deviceTypeId }) => [deviceId, deviceTypeId]));
  const missing = deviceIds.find((deviceId) => !typeOf.has(deviceId));
  if (missing !== undefined) throw new PlatformError('not_found', `There is no device ${missing}.`);

  const deviceTypeIds = [...new Set(devices.flatMap(({ deviceTypeId }) => deviceTypeId ?? []))];
  const declared = await declarationsOf(tx, { organizationId, deviceTypeIds, command: wanted.name });
  const paramsOf = new Map([...declared].map(([type, declaration]) => [type, fitted(declaration, wanted)]));
  const largest = Math.max(...[wanted.params, ...paramsOf.values()].map(jsonBytes));
  if (largest * deviceIds.length > MOST_PARAMS_BYTES) {
    const detail = `The params of all devices together may have ${MOST_PARAMS_BYTES} bytes: ask in smaller groups.`;
    throw new PlatformError('payload_too_large', detail, { field: 'body.params' });
  }
  return deviceIds.map((deviceId) => ({
    deviceId,
    params: paramsOf.get(typeOf.get(deviceId) ?? '') ?? wanted.params,
  }));
}

function fitted(declaration: DeclaredCommand, { params }: Wanted): Record<string, unknown> {
  const fit = fitParams(declaration, params);
  if ('params' in fit) return fit.params;
  throw invalidFields(fit.problems.map(({ name, message }) => ({ field: `body.params.${name}`, message })));
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

export interface MadeCommand {
  command: Command;
  /** It is the one that an earlier request with the same idempotency key made. */
  replayed: boolean;
}

/**
 * Makes one command, or finds the one that its idempotency key has made: the row itself is the memory, for as long as
 * it is kept.
 * @throws PlatformError `idempotency_key_reused` for a key that came with another device, name or params
 */
export async function makeCommand(
  tx: Transaction,
  command: Omit<NewCommands, 'targets'> & { deviceId: string; params: object },
): Promise<MadeCommand> {
  const { organizationId, deviceId, params, idempotencyKey } = command;
  const [made] = await insertCommands(tx, { ...command, targets: [{ deviceId, params }] });
  if (made) return { command: made, replayed: false };
  const past = await commandByKey(tx, { ...command, idempotencyKey: idempotencyKey! });
  if (!past?.same) {
    throw new PlatformError(
      'idempotency_key_reused',
      'This Idempotency-Key came with another command before; take a new one for each.',
      { field: 'header.idempotency-key' },
    );
  }
  return { command: (await getCommand(tx, { organizationId, commandId: past.id }))!, replayed: true };
}
