import { insertCredential, type NewCredential } from '../database/credentials.ts';
import type { Transaction } from '../database/transaction.ts';
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
