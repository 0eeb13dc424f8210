import { StartupError } from '../service/startup-error.ts';

const reasons: Record<string, string> = {
  EACCES: 'may not be written by this user',
  EPERM: 'may not be written by this user',
  EROFS: 'is on a file system that can only be read',
  ENOTDIR: 'is not a directory',
  EEXIST: 'is not a directory',
  ENOSPC: 'is on a file system that is full',
};

/** What the file system has against DATA_DIR, as a line that says so; any other error as it is. */
export function dataDirError(dataDir: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof StartupError || code === undefined) return error;
  const why = reasons[code] ?? `can't be used (${(error as Error).message})`;
  return new StartupError(`DATA_DIR=${dataDir} ${why}: set DATA_DIR to another directory`, { cause: error });
}
