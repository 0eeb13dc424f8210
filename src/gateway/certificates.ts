import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from '../service/log.ts';
import { pathsIn, readTlsFiles, type TlsFiles, type TlsPaths } from './tls-files.ts';

/** How soon a renewed certificate is seen. */
const LOOK_MS = 2000;

export interface CertificateStatus {
  /** Of the one in use; milliseconds since 1970. */
  expiresAt: number;
  /** When the first revocation list is overdue, from when on no client certificate is taken; infinite without one. */
  listExpiresAt: number;
  /** Times that new files were taken. */
  renewals: number;
  /** What keeps the files there now from being used, if anything does. */
  problem: string | undefined;
}

/**
 * The certificate in use. Its files are looked at every two seconds, since no notification of a file system tells of
 * all the ways that certificates are renewed in: written in place, renamed into place, a symlink of certbot's or of a
 * Kubernetes secret that leads elsewhere, a mount over a network. Whatever can't be used leaves the one before.
 */
export class Certificates {
  readonly #paths: TlsPaths;
  readonly #log: Logger;
  readonly #onRenewed: () => void;
  readonly #lookMs: number;
  #inUse: TlsFiles;
  /** The texts of the files in use. */
  #used: string;
  /** What the file system said of the files at the last look, and whether they have been judged since they are so. */
  #stamps = '';
  #isJudged = false;
  #renewals = 0;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @throws StartupError for files that can't be used */
  constructor(options: { paths: TlsPaths; log: Logger; onRenewed: () => void; lookMs?: number }) {
    this.#paths = options.paths;
    this.#log = options.log;
    this.#onRenewed = options.onRenewed;
    this.#lookMs = options.lookMs ?? LOOK_MS;
    const texts = new Map<string, string>();
    this.#inUse = readTlsFiles(this.#paths, (path) => {
      texts.set(path, readFileSync(path, 'utf8'));
      return texts.get(path)!;
    });
    this.#used = asOne(texts);
    if (this.#inUse.expiresAt <= Date.now())
      this.#log.warn({ path: this.#paths.certPath }, 'the certificate has expired: clients will refuse it');
    this.#lookLater();
  }

  get context(): SecureContextOptions {
    return this.#inUse.context;
  }

  get status(): CertificateStatus {
    const { expiresAt, listExpiresAt } = this.#inUse;
    return { expiresAt, listExpiresAt, renewals: this.#renewals, problem: this.#problem };
  }

  /** Whether a client certificate may not be used any more. @param key see revocation-list.ts */
  isRevoked(key: string): boolean {
    return this.#inUse.revoked.has(key);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (!this.#stopped) this.#timer = setTimeout(() => this.#look(), this.#lookMs).unref();
  }

  async #look(): Promise<void> {
    const stamps = await stampsOf(this.#paths);
    // Certificate and key are two files, and a copy is not there at once: a fault counts when it is seen twice.
    const isSettled = stamps === this.#stamps;
    this.#stamps = stamps;
    if (!isSettled || !this.#isJudged) {
      const read = await readAll(this.#paths);
      const all = asOne(read);
      if (all === this.#used) this.#problem = undefined;
      else if (!this.#stopped) this.#take(read, all, isSettled);
      this.#isJudged = isSettled;
    }
    this.#lookLater();
  }

  #take(read: Map<string, string | Error>, all: string, isSettled: boolean): void {
    try {
      const files = readTlsFiles(this.#paths, (path) => {
        const text = read.get(path)!;
        if (text instanceof Error) throw text;
        return text;
      });
      if (files.expiresAt <= Date.now())
        throw new Error(`TLS_CERT=${this.#paths.certPath}: it has expired already`);
      this.#inUse = files;
      this.#used = all;
      this.#problem = undefined;
      this.#renewals += 1;
      this.#onRenewed();
      const expires = new Date(files.expiresAt).toISOString();
      this.#log.info({ expires }, 'renewed certificates are in use');
    } catch (error) {
      const { message } = error as Error;
      if (!isSettled || message === this.#problem) return;
      this.#problem = message;
      this.#log.error({ problem: message }, 'renewed certificates can’t be used: those before stay');
    }
  }
}

async function readAll(paths: TlsPaths): Promise<Map<string, string | Error>> {
  const entries = pathsIn(paths).map(
    async (path) => [path, await readFile(path, 'utf8').catch((error: Error) => error)] as const,
  );
  return new Map(await Promise.all(entries));
}

/** What changes with a file's content, of the file that a symlink leads to. */
async function stampsOf(paths: TlsPaths): Promise<string> {
  const stamps = pathsIn(paths).map(async (path) => {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  });
  return (await Promise.all(stamps)).join();
}

function asOne(texts: Map<string, string | Error>): string {
  return JSON.stringify([...texts].map(([path, text]) => [path, String(text)]).sort());
}
