import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { StartupError } from '../service/startup-error.ts';

/** Absolute paths of PEM files. They are read again and again, so that a renewed certificate needs no restart. */
export interface TlsPaths {
  /** The certificate, and behind it those that lead from it to an authority. */
  certPath: string;
  keyPath: string;
}

/** What the files say, checked. */
export interface TlsFiles {
  context: SecureContextOptions;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** Each file: the setting that names it, where it is, what stands in it. */
const files = [
  { setting: 'TLS_CERT', path: 'certPath', option: 'cert', holds: 'CERTIFICATE', what: 'a certificate' },
  { setting: 'TLS_KEY', path: 'keyPath', option: 'key', holds: 'PRIVATE KEY', what: 'its private key' },
] as const satisfies readonly {
  setting: string;
  path: keyof TlsPaths;
  option: keyof SecureContextOptions;
  holds: string;
  what: string;
}[];

/**
 * Reads and checks what TLS needs.
 * @param read gives a file's text, or throws as `fs` does
 * @throws StartupError naming the setting, its file and what is wrong
 */
export function readTlsFiles(paths: TlsPaths, read: (path: string) => string): TlsFiles {
  const context: SecureContextOptions = { minVersion: 'TLSv1.2' };
  for (const file of files) context[file.option] = readPem(file, paths[file.path], read);
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(context.cert as string);
  } catch (cause) {
    throw fault('TLS_CERT', paths.certPath, `can't be read as a certificate (${(cause as Error).message})`);
  }
  try {
    createSecureContext(context);
  } catch (cause) {
    const reason = `does not go with TLS_CERT=${paths.certPath} (${(cause as Error).message})`;
    throw fault('TLS_KEY', paths.keyPath, reason);
  }
  return { context, expiresAt: certificate.validToDate.getTime() };
}

function readPem(
  { setting, holds, what }: (typeof files)[number],
  path: string,
  read: (path: string) => string,
): string {
  const expected = `expected the path of a PEM file with ${what}`;
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fault(setting, path, `${isMissing ? 'there is no such file' : 'cannot be read'}, ${expected}`);
  }
  if (text.includes('-----BEGIN ') && text.includes(`${holds}-----`)) return text;
  throw fault(setting, path, expected);
}

function fault(setting: string, path: string, reason: string): StartupError {
  return new StartupError(`${setting}=${path}: ${reason}`);
}
