import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { startEdgeFunction } from '../support/edge-function.ts';
import { type DeployedFunction, supabaseDeploy } from '../support/supabase-cli.ts';

/** `supabase functions deploy` sends all that a function needs, and it runs from that. */

const cases = [
  ['api', 'GET', '/api/v1/me', 401],
  ['mqtt-listener', 'POST', `/mqtt-listener/${crypto.randomUUID()}`, 404],
  ['mqtt-broker', 'POST', '/mqtt-broker', 401],
  ['tick', 'POST', '/tick', 401],
] as const;

let database: TestDatabase;
let deployed: Awaited<ReturnType<typeof supabaseDeploy>>;
beforeAll(async () => {
  database = await testDatabase();
  deployed = await supabaseDeploy(cases.map(([name]) => name));
});
afterAll(async () => {
  await deployed?.remove();
  await database.close();
});

test.each(cases)('%s', async (name, method, path, status) => {
  const { settings, directory } = deployed.functions[name] as DeployedFunction;
  expect(settings).toMatchObject({
    entrypoint_path: `supabase/functions/${name}/index.ts`,
    import_map_path: 'supabase/functions/deno.json',
    verify_jwt: false,
  });
  const secrets = { TICK_SECRET: 'a-secret-between-pg_cron-and-the-tick' };
  const running = await startEdgeFunction(name, database, secrets, { from: directory });
  try {
    const response = await fetch(running.url + path, { method });
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.status).toBe(status);
  } finally {
    await running.stop();
  }
});
