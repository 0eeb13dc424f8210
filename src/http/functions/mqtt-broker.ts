import type { Context } from 'hono';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { z } from 'zod';
import { brokerCommand } from '../../contract/commands.ts';
import { deviceByName, organizationOfDevice } from '../../database/devices.ts';
import { listOrganizations } from '../../database/organizations.ts';
import type { Transaction } from '../../database/transaction.ts';
import { type CommandState, isFinal } from '../../domain/command.ts';
import { PlatformError } from '../../service/errors.ts';
import { logged, notStored } from '../middleware/answers.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { limitBody, requireJson } from '../middleware/json-body.ts';
import { sameOrigin } from '../middleware/same-origin.ts';
import type { Authenticated, Platform } from '../platform.ts';
import { invalidRequest, problemResponse } from '../problem.ts';
import { commandKey } from '../route.ts';
import { sendCommand } from '../send-command.ts';
import { notFound, requireRole } from '../tenant.ts';

/** What the function needs of a platform; an edge function of its own has no more. */
export type BrokerPlatform = Pick<
  Platform,
  'publicUrl' | 'pool' | 'log' | 'accounts' | 'supabaseUser' | 'commands'
>;

export interface BrokerEnv {
  Variables: { platform: BrokerPlatform; authenticated: Authenticated };
}

const MAX_BODY_BYTES = 1024 * 1024;
/** How long a broker's confirmation is awaited where a worker sends and no wait is asked for. */
const CONFIRMATION_MS = 5000;

/**
 * `POST /functions/v1/mqtt-broker`: a command, answered with its confirmation. Whoever asks is known as by the API. An
 * edge function has it without `/functions/v1`.
 */
export const mqttBroker = new Hono<BrokerEnv>();

mqttBroker.use(
  '/mqtt-broker',
  logged,
  notStored,
  cors({ origin: '*', exposeHeaders: ['idempotency-replayed', 'retry-after'] }),
  sameOrigin,
  limitBody(MAX_BODY_BYTES),
  requireJson,
  authenticate,
);
mqttBroker.post('/mqtt-broker', async (c) => {
  const wanted = await readBody(c);
  const key = commandKey.safeParse(c.req.header());
  if (key.error) throw invalidRequest('header', key.error);
  const platform = c.get('platform');
  const isWaiting = wanted.wait_seconds > 0;
  const confirmationMs = platform.commands?.dispatch ? 0 : CONFIRMATION_MS;
  const { command, replayed } = await sendCommand(platform, {
    caller: c.get('authenticated').caller,
    device: (tx) => addressedDevice(tx, wanted),
    wanted,
    idempotencyKey: key.data['idempotency-key'],
    wait: isWaiting
      ? { stage: 'final', ms: wanted.wait_seconds * 1000 }
      : { stage: 'tried', ms: confirmationMs },
    signal: c.req.raw.signal,
  });
  if (replayed) c.header('idempotency-replayed', 'true');
  return c.json(command, isFinal(command.state) || (!isWaiting && isConfirmed(command.state)) ? 200 : 202);
});

/** The function alone, for an edge function of its own. */
export function brokerApp(platform: BrokerPlatform): Hono<BrokerEnv> {
  const app = new Hono<BrokerEnv>();
  app.use(async (c, next) => {
    c.set('platform', platform);
    return next();
  });
  app.onError(problemResponse);
  app.route('/', mqttBroker);
  app.notFound((c) =>
    problemResponse(new PlatformError('not_found', `There is nothing at ${c.req.path}.`), c),
  );
  return app;
}

/** A broker has taken it, and it has not ended. */
function isConfirmed(state: CommandState): boolean {
  return state !== 'queued' && !isFinal(state);
}

type BrokerCommand = z.infer<typeof brokerCommand>;

async function readBody(c: Context<BrokerEnv>): Promise<BrokerCommand> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (error) {
    // A body that is too large announces itself only when it is read.
    if (error instanceof PlatformError) throw error;
    throw new PlatformError('invalid_request', 'The body is not valid JSON.', {
      field: 'body',
      cause: error,
    });
  }
  const { data, error } = brokerCommand.safeParse(body);
  if (error) throw invalidRequest('json', error);
  return data;
}

/** @throws PlatformError `not_found` alike for another tenant's device and one that is not there; `forbidden` */
async function addressedDevice(
  tx: Transaction,
  wanted: BrokerCommand,
): Promise<{ organizationId: string; deviceId: string }> {
  const { device_id: deviceId, external_device_id: externalDeviceId, organization_id: named } = wanted;
  if (deviceId !== undefined) {
    const organizationId = await organizationOfDevice(tx, deviceId);
    if (!organizationId || (named && named !== organizationId)) throw notFound('device');
    await requireRole(tx, organizationId, 'member');
    return { organizationId, deviceId };
  }
  const organizationId = named ?? (await onlyOrganization(tx));
  await requireRole(tx, organizationId, 'member');
  const found = await deviceByName(tx, { organizationId, externalDeviceId: externalDeviceId! });
  if (!found) throw new PlatformError('not_found', 'There is no device with this external_device_id.');
  return { organizationId, deviceId: found };
}

async function onlyOrganization(tx: Transaction): Promise<string> {
  const [organization, ...others] = await listOrganizations(tx);
  if (!organization) throw new PlatformError('forbidden', 'You are in no organization.');
  if (others.length > 0) {
    throw new PlatformError(
      'invalid_request',
      'You are in several organizations: say in organization_id whose device it is.',
      { field: 'body.organization_id' },
    );
  }
  return organization.id;
}
