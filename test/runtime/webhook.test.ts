import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeListener } from '../../src/main/edge-listener.ts';
import { type AwsIot, awsHost, startAwsIot } from '../support/aws-iot.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type EdgeFunction, startEdgeFunction } from '../support/edge-function.ts';
import { post, type Webhook, type WebhookTarget, webhookSuite } from '../support/webhook-suite.ts';

/** The webhook as Supabase runs it: the function `mqtt-listener`, with integrations that the function `api` made. */

const jwtSecret = 'a secret of the project that is long enough';
const SECRET_KEY = 'what the project seals its secrets under';
let database: TestDatabase;
let api: EdgeFunction;
let listener: EdgeFunction;
let aws: AwsIot;
let target: WebhookTarget;

beforeAll(async () => {
  database = await testDatabase();
  const user = randomUUID();
  const { rows } = await database.pool.query(`select private.found_organization('Ours', $1) as id`, [user]);
  const organizationId = rows[0].id as string;
  const token = await new SignJWT({ role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setAudience('authenticated')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jwtSecret));
  aws = await startAwsIot();
  const settings = { ...aws.environment, SECRET_KEY, MAX_MESSAGE_BYTES: '20000' };
  [api, listener] = await Promise.all([
    startEdgeFunction('api', database, { JWT_SECRET: jwtSecret, SECRET_KEY }),
    startEdgeFunction('mqtt-listener', database, settings, { hosts: [awsHost] }),
  ]);
  target = {
    database,
    organizationId,
    aws,
    async create(settings) {
      const response = await fetch(`${api.url}/api/v1/organizations/${organizationId}/integrations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(settings),
      });
      expect(response.status, await response.clone().text()).toBe(201);
      const made = (await response.json()) as Webhook;
      // Supabase passes a function its own name and what follows.
      return { ...made, webhook_url: made.webhook_url.replace(/^.*\/functions\/v1/, listener.url) };
    },
  };
});
afterAll(async () => {
  await Promise.all([api?.stop(), listener?.stop(), aws?.close()]);
  await database.close();
});

webhookSuite(() => target);

const plant = () =>
  target.create({ name: 'Plant', mode: 'webhook', expected_topics: ['devices/+/telemetry'] });
const message = { topic: 'devices/gate/telemetry', payload: { open: true } };

async function stored({ id }: Webhook): Promise<number> {
  const { rows } = await database.pool.query(
    'select sum(stored)::int as stored from integration_traffic where integration_id = $1',
    [id],
  );
  return rows[0].stored;
}

test('what is counted is written by the time of the answer', async () => {
  const made = await plant();
  for (let count = 1; count <= 3; count += 1) {
    await post(made, message);
    expect(await stored(made)).toBe(count);
  }
});

test('where a function lives on after its answer, what is counted is written then', async () => {
  const made = await plant();
  const after: Promise<unknown>[] = [];
  const here = edgeListener(
    { DATABASE_URL: database.url, SECRET_KEY },
    { write() {}, waitUntil: (work) => after.push(work) },
  );
  const request = new Request(`http://localhost/mqtt-listener/${made.id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${made.token}` },
    body: JSON.stringify(message),
  });
  expect((await here.fetch(request)).status).toBe(200);
  expect(after).toHaveLength(1);
  await after[0];
  expect(await stored(made)).toBe(1);
});

test('a token that is taken away is out within seconds, though nobody announces it', async () => {
  const made = await plant();
  expect((await post(made, message)).status).toBe(200);
  await database.pool.query('delete from integration_tokens where integration_id = $1', [made.id]);
  await expect.poll(async () => (await post(made, message)).status, { timeout: 5000 }).toBe(401);
});
