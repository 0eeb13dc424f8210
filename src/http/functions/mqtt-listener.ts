import type { Context } from 'hono';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import type { ActivityReason } from '../../domain/activity.ts';
import type { KnownIntegration } from '../../external/directory.ts';
import {
  type DestinationConfirmation,
  isConfirmation,
  type Posted,
  readPosted,
} from '../../external/webhook-forms.ts';
import { PlatformError } from '../../service/errors.ts';
import { signatureFits } from '../../service/signature.ts';
import { logged, notStored } from '../middleware/answers.ts';
import { limitBody, requireJson } from '../middleware/json-body.ts';
import type { WebhookPlatform } from '../platform.ts';
import { problemResponse } from '../problem.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A thousand messages at once need more room than any other request. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface WebhookEnv {
  Variables: { platform: WebhookPlatform; integration: KnownIntegration };
}

/**
 * `POST /functions/v1/mqtt-listener/{integration}`: where customers' brokers post their messages. Answered after the
 * commit, with a receipt for each message, or as the sender wants it. An edge function has it without `/functions/v1`.
 */
export const mqttListener = new Hono<WebhookEnv>();

mqttListener.use('/mqtt-listener/*', logged, notStored, cors());
// Of a body without a length all is read before it is passed on: not of anybody's.
mqttListener.use('/mqtt-listener/:integration', async (c, next) => {
  if (c.req.method !== 'POST') return next();
  const integration = await named(c);
  await admit(c, integration);
  c.set('integration', integration);
  return next();
});
mqttListener.use('/mqtt-listener/*', limitBody(MAX_BODY_BYTES), requireJson);
mqttListener.post('/mqtt-listener/:integration', async (c) => {
  const integration = c.get('integration');
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const posted = await read(c, integration, bytes);
  if (posted.form === 'aws_confirmation') return confirmed(c, posted);
  if (integration.webhook.require_signature) await checkSignature(c, integration, bytes);
  const { webhooks } = c.get('platform');
  const receipts = await webhooks.inbox.deliver(integration, posted.messages);
  // Anything else, and VerneMQ takes its client for refused.
  if (posted.form === 'vernemq') return c.json({ result: 'ok' });
  return c.json({ receipts });
});

/** The listener alone, for a function of its own. */
export function webhookApp(platform: WebhookPlatform): Hono<WebhookEnv> {
  const app = new Hono<WebhookEnv>();
  app.use(async (c, next) => {
    c.set('platform', platform);
    return next();
  });
  app.onError(problemResponse);
  app.route('/', mqttListener);
  app.notFound((c) =>
    problemResponse(new PlatformError('not_found', `There is nothing at ${c.req.path}.`), c),
  );
  return app;
}

/** @throws PlatformError `not_found`, also for one that is stopped */
async function named(c: Context<WebhookEnv>): Promise<KnownIntegration> {
  const id = c.req.param('integration') ?? '';
  const integration = uuid.test(id)
    ? await c.get('platform').webhooks.directory.get(id.toLowerCase())
    : undefined;
  if (!integration || !['webhook', 'forward'].includes(integration.stored.mode)) {
    throw new PlatformError('not_found', 'There is no integration with this id that is posted to.');
  }
  if (!integration.stored.enabled) throw new PlatformError('not_found', 'The integration is stopped.');
  return integration;
}

/** AWS asks without a token: only its hosts are answered. @throws PlatformError `unauthenticated`, `too_many_requests` */
async function admit(c: Context<WebhookEnv>, integration: KnownIntegration): Promise<void> {
  const { rateLimits, clientAddress } = c.get('platform');
  if (isConfirmation((name) => c.req.header(name))) return rateLimits.webhookRefused(clientAddress(c));
  const [, bearer] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
  const token = bearer ?? c.req.query('token') ?? '';
  if (token === '' || !(await integration.accepts(token))) {
    await rateLimits.webhookRefused(clientAddress(c));
    refuse(c, integration, 'bad_token', token === '' ? 'no token was sent' : '');
    throw new PlatformError(
      'unauthenticated',
      'Send the integration’s token: Authorization: Bearer <token>, or ?token= in the URL.',
    );
  }
}

async function checkSignature(
  c: Context<WebhookEnv>,
  integration: KnownIntegration,
  body: Uint8Array,
): Promise<void> {
  const { signing_secret: secret = '' } = await integration.secrets();
  const header = c.req.header('x-netneural-signature') ?? '';
  if (await signatureFits({ header, body, secret, now: Date.now() })) return;
  refuse(c, integration, 'bad_signature', header === '' ? 'no signature was sent' : '');
  throw new PlatformError(
    'unauthenticated',
    'X-NetNeural-Signature must be t=<unix seconds>,v1=<HMAC-SHA256 of "{t}.{body}" in hex>, made within five minutes.',
  );
}

/** @throws PlatformError `unprocessable`, `payload_too_large` */
async function read(
  c: Context<WebhookEnv>,
  integration: KnownIntegration,
  bytes: Uint8Array,
): Promise<Posted | DestinationConfirmation> {
  try {
    return readPosted(parseJson(bytes), (name) => c.req.header(name), {
      emqx4Payload: integration.webhook.emqx4_payload,
    });
  } catch (error) {
    if (error instanceof PlatformError) refuse(c, integration, 'unreadable_body', error.message);
    throw error;
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PlatformError('unprocessable', 'The body is not valid JSON in UTF-8.', { cause });
  }
}

async function confirmed(c: Context<WebhookEnv>, { enableUrl }: DestinationConfirmation): Promise<Response> {
  const status = await c.get('platform').webhooks.confirm(enableUrl);
  if (status >= 200 && status < 300) return c.json({ confirmed: true });
  throw new PlatformError('unavailable', `AWS answered ${status} to the confirmation.`, { retryAfter: 5 });
}

function refuse(
  c: Context<WebhookEnv>,
  integration: KnownIntegration,
  reason: ActivityReason,
  detail: string,
): void {
  const { webhooks, clientAddress } = c.get('platform');
  webhooks.refused(integration, reason, { address: clientAddress(c), detail });
}
