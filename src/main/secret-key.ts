import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../service/startup-error.ts';
import type { Config } from './config.ts';

/**
 * The key that sessions are signed with and secrets sealed under: SECRET_KEY, or one made once and kept in DATA_DIR.
 * @throws StartupError when there is no SECRET_KEY and DATA_DIR can't keep one
 */
export async function secretKey({ secretKey: given, dataDir }: Config): Promise<string> {
  if (given) return given;
  const path = join(dataDir, 'secret-key');
  try {
    await mkdir(dataDir, { recursive: true });
    // `wx`: of two that start at the same time one makes it and both read it.
    await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new StartupError(`can't write ${path}: set DATA_DIR or SECRET_KEY`, { cause: error });
    }
  }
  return (await readFile(path, 'utf8')).trim();
}
