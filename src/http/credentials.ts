import { insertCredential, type NewCredential } from '../database/credentials.ts';
import type { Transaction } from '../database/transaction.ts';
import { topicPrefix } from '../domain/hosted-topic.ts';
import { hashPassword } from '../service/password.ts';
import { randomPassword, randomUsername } from '../service/random.ts';
import type { Platform } from './platform.ts';

/** Makes a credential. Its password leaves with the answer and is known to nobody afterwards. */
export async function makeCredential(
  tx: Transaction,
  { mqtt, mqtts, ws, wss }: Platform['connection'],
  wanted: Omit<NewCredential, 'username' | 'passwordHash'>,
) {
  const username = randomUsername();
  const password = randomPassword();
  const passwordHash = await hashPassword(password);
  const id = await insertCredential(tx, { ...wanted, username, passwordHash });
  return { id, username, password, topic_prefix: wanted.topicPrefix, connect: { mqtt, mqtts, ws, wss } };
}

/** One for each device: what is stored of them, and what leaves with the answer. */
export async function batchedCredentials(
  devices: readonly { id: string; external_device_id: string }[],
  { organizationId, label }: { organizationId: string; label: string },
) {
  const made = await Promise.all(
    devices.map(async (device) => {
      const password = randomPassword();
      return { device, password, hash: await hashPassword(password) };
    }),
  );
  const credentials = made.map(({ device, password, hash }) => ({
    row: {
      id: crypto.randomUUID(),
      device_id: device.id,
      label: label || device.external_device_id.slice(0, MOST_LABEL).toWellFormed(),
      username: randomUsername(),
      password_hash: hash,
      topic_prefix: topicPrefix(organizationId, device.external_device_id),
    },
    password,
    name: device.external_device_id,
  }));
  return {
    rows: credentials.map(({ row }) => row),
    items: credentials.map(({ row: { id, username, topic_prefix }, password, name }) => ({
      external_device_id: name,
      id,
      username,
      password,
      topic_prefix,
    })),
  };
}

/** Names of devices are longer. */
const MOST_LABEL = 100;
