import { insertFirstOwner } from '../database/accounts.ts';
import { demoOrganization, replaceDemoCredential } from '../database/demo.ts';
import { asPlatform } from '../database/scope.ts';
import { organizationUser, topicPrefix } from '../domain/hosted-topic.ts';
import { hashAccountPassword } from '../http/accounts.ts';
import type { Logger } from '../service/log.ts';
import { hashPassword } from '../service/password.ts';
import { randomPassword, randomUsername } from '../service/random.ts';
import { simulate } from '../simulate/simulate.ts';
import { insertDemoDevices } from './demo-devices.ts';
import type { RunningPlatform } from './platform.ts';

const DEVICES = 24;
const MESSAGES_A_SECOND = 12;
const SEED = 1;
const EMAIL = 'demo@example.com';

export interface Demo {
  /** What to tell the person at the console. */
  greeting: string;
  stop(): Promise<void>;
}

/**
 * A simulated fleet through real MQTT connections, in an account made for it where there is none yet, else in the
 * oldest organization. Runs until stopped.
 */
export async function startDemo({ database, mqttUrl, url }: RunningPlatform, log: Logger): Promise<Demo> {
  const { pool } = database;
  const password = randomPassword();
  const passwordHash = await hashAccountPassword(password);
  const owner = { name: 'Demo', email: EMAIL, passwordHash, organizationName: 'Demo' };
  const isNew = (await asPlatform(pool, (tx) => insertFirstOwner(tx, owner))) !== undefined;

  const username = randomUsername();
  const secret = randomPassword();
  const secretHash = await hashPassword(secret);
  const organizationId = await asPlatform(pool, async (tx) => {
    const id = await demoOrganization(tx);
    if (isNew) await insertDemoDevices(tx, { organizationId: id, seed: SEED, count: DEVICES });
    await replaceDemoCredential(tx, {
      organizationId: id,
      username,
      passwordHash: secretHash,
      topicPrefix: topicPrefix(id),
    });
    return id;
  });

  const ending = new AbortController();
  const fleet = simulate({
    url: mqttUrl,
    username,
    password: secret,
    organizationId,
    devices: DEVICES,
    rate: MESSAGES_A_SECOND,
    durationSeconds: Number.POSITIVE_INFINITY,
    signal: ending.signal,
    seed: SEED,
  }).catch((error: unknown) => log.error({ error: String(error) }, 'the simulated fleet stopped'));
  return {
    greeting: [
      `  ${DEVICES} simulated devices publish as ${organizationUser(organizationId)}.`,
      isNew ? `  Sign in at ${url} as ${EMAIL} with the password ${password}` : '',
      '',
    ].join('\n'),
    async stop() {
      ending.abort();
      await fleet;
    },
  };
}
