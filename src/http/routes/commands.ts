import { createRoute } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import {
  command,
  commandList,
  commandPage,
  commandQuery,
  createCommand,
  createCommands,
  organizationCommandQuery,
} from '../../contract/commands.ts';
import { id } from '../../contract/common.ts';
import * as stored from '../../database/commands.ts';
import { deviceExists } from '../../database/devices.ts';
import { type CommandState, isFinal } from '../../domain/command.ts';
import { PlatformError } from '../../service/errors.ts';
import { commandsFor, type MadeCommand, makeCommand } from '../command-rows.ts';
import { readCursor, toPage } from '../cursor.ts';
import { once } from '../idempotency.ts';
import { type Env, routes } from '../platform.ts';
import { answers, body, commandKey, idempotencyKey, organizationPath, outcomeOrSoFar } from '../route.ts';
import { dispatched, sendCommand } from '../send-command.ts';
import { found, inOrganization, notFound, requireRole } from '../tenant.ts';

const tags = ['Commands'];
const devicePath = organizationPath.extend({ device: id });
const commandPath = organizationPath.extend({ command: id });

const createCommandRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/devices/{device}/commands',
  operationId: 'createCommand',
  summary: 'Ask something of a device; with wait_seconds the answer is the outcome (members)',
  tags,
  request: { params: devicePath, headers: commandKey, body: body(createCommand) },
  responses: outcomeOrSoFar(command, 'It has ended so', 'It is under way; Location says where to look'),
});

const listDeviceCommands = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/devices/{device}/commands',
  operationId: 'listDeviceCommands',
  summary: 'Commands of a device, newest first',
  tags,
  request: { params: devicePath, query: commandQuery },
  responses: answers(200, commandPage, 'A page of commands'),
});

const listCommands = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/commands',
  operationId: 'listCommands',
  summary: 'Commands of all devices, newest first',
  tags,
  request: { params: organizationPath, query: organizationCommandQuery },
  responses: answers(200, commandPage, 'A page of commands'),
});

const createCommandsRoute = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/commands',
  operationId: 'createCommands',
  summary: 'Ask the same of up to 1,000 devices: of all, or of none if one is not there (members)',
  tags,
  request: { params: organizationPath, headers: idempotencyKey, body: body(createCommands) },
  responses: answers(202, commandList, 'A command for each device'),
});

const getCommand = createRoute({
  method: 'get',
  path: '/api/v1/organizations/{org}/commands/{command}',
  operationId: 'getCommand',
  summary: 'One command',
  tags,
  request: { params: commandPath },
  responses: answers(200, command, 'The command'),
});

const cancelCommand = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/commands/{command}/cancel',
  operationId: 'cancelCommand',
  summary: 'Call a command off that is not sent yet (members)',
  tags,
  request: { params: commandPath },
  responses: answers(200, command, 'Called off'),
});

const sendAgain = createRoute({
  method: 'post',
  path: '/api/v1/organizations/{org}/commands/{command}/send-again',
  operationId: 'sendCommandAgain',
  summary: 'Ask once more what has ended, as a new command that is valid for as long (members)',
  tags,
  request: { params: commandPath, headers: commandKey },
  responses: answers(202, command, 'The new command; Location says where to look'),
});

const position = z.tuple([z.iso.datetime(), id]);

export const commands = routes();

commands.openapi(createCommandRoute, async (c) => {
  const { org: organizationId, device: deviceId } = c.req.valid('param');
  const { wait_seconds: seconds, ...wanted } = c.req.valid('json');
  const made = await sendCommand(c.get('platform'), {
    caller: c.get('authenticated').caller,
    named: { organizationId, deviceId },
    async device(tx) {
      await requireRole(tx, organizationId, 'member');
      return { organizationId, deviceId };
    },
    wanted,
    idempotencyKey: c.req.valid('header')['idempotency-key'],
    wait: { stage: 'final', ms: seconds * 1000 },
    signal: c.req.raw.signal,
  });
  answerHeaders(c, made);
  return c.json(made.command, isFinal(made.command.state) ? 200 : 202);
});

commands.openapi(listDeviceCommands, async (c) => {
  const { device: deviceId } = c.req.valid('param');
  return c.json(await pageOf(c, { ...c.req.valid('query'), device_id: deviceId }, true), 200);
});

commands.openapi(listCommands, async (c) => c.json(await pageOf(c, c.req.valid('query'), false), 200));

commands.openapi(createCommandsRoute, async (c) => {
  const { device_ids: deviceIds, ...wanted } = c.req.valid('json');
  const items = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    // Kept are the ids alone: a thousand answers would be a lot to remember for a day.
    const { ids } = await once(c, { tx, secret: false }, async () => {
      const targets = await commandsFor(tx, { organizationId, deviceIds, wanted });
      const made = await stored.insertCommands(tx, {
        organizationId,
        targets,
        name: wanted.name,
        supersedeKey: wanted.supersede_key,
        ttlSeconds: wanted.ttl_seconds,
      });
      const idOf = new Map(made.map(({ id, device_id }) => [device_id, id]));
      return { ids: targets.map(({ deviceId }) => idOf.get(deviceId)!) };
    });
    return stored.getCommands(tx, { organizationId, commandIds: ids });
  });
  return c.json({ items }, 202);
});

commands.openapi(getCommand, async (c) => {
  const { command: commandId } = c.req.valid('param');
  const command = await inOrganization(c, 'viewer', ({ tx, organizationId }) =>
    stored.getCommand(tx, { organizationId, commandId }),
  );
  return c.json(found(command, 'command'), 200);
});

commands.openapi(cancelCommand, async (c) => {
  const { command: commandId } = c.req.valid('param');
  const command = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const address = { organizationId, commandId };
    found(await stored.getCommand(tx, address), 'command');
    const state = found(await stored.cancelCommand(tx, commandId), 'command');
    if (state !== 'cancelled') throw new PlatformError('conflict', whyNotCancelled(state));
    return (await stored.getCommand(tx, address))!;
  });
  return c.json(command, 200);
});

commands.openapi(sendAgain, async (c) => {
  const { command: commandId } = c.req.valid('param');
  const made = await inOrganization(c, 'member', async ({ tx, organizationId }) => {
    const past = found(await stored.commandToRepeat(tx, { organizationId, commandId }), 'command');
    if (!isFinal(past.state)) {
      throw new PlatformError('conflict', `It has not ended yet: it is ${past.state}.`);
    }
    return makeCommand(tx, {
      ...past,
      organizationId,
      supersedeKey: past.supersedeKey ?? undefined,
      idempotencyKey: c.req.valid('header')['idempotency-key'],
      sentAgainOf: commandId,
    });
  });
  answerHeaders(c, made);
  await dispatched(c.get('platform'), made.command);
  return c.json(made.command, 202);
});

async function pageOf(c: Context<Env>, query: z.infer<typeof organizationCommandQuery>, mustExist: boolean) {
  const { cursor, limit, state: states, name, device_id: deviceId } = query;
  const [createdAt, lastId] = readCursor(cursor, position) ?? [];
  const after = createdAt && lastId ? { createdAt, id: lastId } : undefined;
  const items = await inOrganization(c, 'viewer', async ({ tx, organizationId }) => {
    if (mustExist && !(await deviceExists(tx, { organizationId, deviceId: deviceId! }))) {
      throw notFound('device');
    }
    return stored.listCommands(tx, { organizationId, deviceId, states, name, after, limit: limit + 1 });
  });
  return toPage(items, limit, (last) => [last.created_at, last.id]);
}

function answerHeaders(c: Context<Env>, { command, replayed }: MadeCommand): void {
  c.header('location', `/api/v1/organizations/${c.req.param('org')}/commands/${command.id}`);
  if (replayed) c.header('idempotency-replayed', 'true');
}

function whyNotCancelled(state: CommandState): string {
  if (state === 'queued') return 'It is being sent at this moment.';
  return isFinal(state)
    ? `It has ended already: it is ${state}.`
    : `It has been sent already: it is ${state}.`;
}
