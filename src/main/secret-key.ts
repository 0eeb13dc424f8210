import { createHmac, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../service/startup-error.ts';
import type { Config } from './config.ts';
import { dataDirError } from './data-dir.ts';

/**
 * The key that sessions are signed with and secrets sealed under: SECRET_KEY, or one made once and kept in DATA_DIR.
 * @throws StartupError when there is no SECRET_KEY and DATA_DIR can't keep one
 */
export async function secretKey({ secretKey: given, dataDir }: Config): Promise<string> {
  if (given) return given;
  const path = join(dataDir, 'secret-key');
  try {
    await mkdir(dataDir, { recursive: true });
    return (await readKey(path)) ?? (await makeKey(path));
  } catch (error) {
    throw dataDirError(dataDir, error);
  }
}

/** What the set-up link holds: the same for all processes that share the key, and of use only while nobody owns anything. */
export function setupTokenOf(secret: string): string {
  return createHmac('sha256', secret).update('netneural set-up').digest('base64url');
}

/** What others can tell by that they have the same key, and nothing else. */
export function keyMark(secret: string): string {
  return createHmac('sha256', secret).update('netneural key').digest('hex').slice(0, 16);
}

async function readKey(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.trim() || undefined;
}

/** Under another name first: a key that is there is whole, and of two that start at once both get the same. */
async function makeKey(path: string): Promise<string> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  const key = await readKey(path);
  if (!key) throw new StartupError(`${path} is empty: delete it, or set SECRET_KEY`);
  return key;
}
