import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { StartupError } from '../service/startup-error.ts';
import { type RevocationList, readRevocationList } from './revocation-list.ts';

/** Absolute paths of PEM files. They are read again and again, so that a renewed certificate needs no restart. */
export interface TlsPaths {
  /** The certificate, and behind it those that lead from it to an authority. */
  certPath: string;
  keyPath: string;
  /** The authorities whose certificates let clients in. Without it no client is asked for one. */
  clientCaPath?: string | undefined;
  /** Their revocation lists. */
  clientCrlPath?: string | undefined;
}

/** What the files say, checked. */
export interface TlsFiles {
  context: SecureContextOptions;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** Client certificates that may not be used any more. */
  revoked: ReadonlySet<string>;
  /** When the first of the revocation lists is overdue; infinite without one. */
  listExpiresAt: number;
}

/** Each file: the setting that names it, where it is, what stands in it. */
const files = {
  cert: { setting: 'TLS_CERT', path: 'certPath', holds: 'CERTIFICATE', what: 'a certificate' },
  key: { setting: 'TLS_KEY', path: 'keyPath', holds: 'PRIVATE KEY', what: 'its private key' },
  ca: {
    setting: 'TLS_CLIENT_CA',
    path: 'clientCaPath',
    holds: 'CERTIFICATE',
    what: 'certificates of authorities',
  },
  crl: { setting: 'TLS_CLIENT_CRL', path: 'clientCrlPath', holds: 'X509 CRL', what: 'revocation lists' },
} as const satisfies Record<string, { setting: string; path: keyof TlsPaths; holds: string; what: string }>;
type File = (typeof files)[keyof typeof files];

/**
 * Reads and checks what TLS needs.
 * @param read gives a file's text, or throws as `fs` does
 * @throws StartupError naming the setting, its file and what is wrong
 */
export function readTlsFiles(paths: TlsPaths, read: (path: string) => string): TlsFiles {
  const cert = readPem(files.cert, paths.certPath, read);
  const key = readPem(files.key, paths.keyPath, read);
  const certificate = tried(files.cert, paths, () => new X509Certificate(cert));
  const context: SecureContextOptions = { minVersion: 'TLSv1.2', cert, key };
  try {
    createSecureContext(context);
  } catch (error) {
    const reason = `does not go with TLS_CERT=${paths.certPath} (${(error as Error).message})`;
    throw fault(files.key, paths.keyPath, reason);
  }
  const { clientCaPath, clientCrlPath } = paths;
  if (clientCaPath !== undefined) {
    const ca = readPem(files.ca, clientCaPath, read);
    tried(files.ca, paths, () => createSecureContext({ ca }));
    context.ca = ca;
  }
  const lists: RevocationList[] = [];
  if (clientCrlPath !== undefined) {
    // Of several in one text Node would take the first.
    const crl = pemBlocks(readPem(files.crl, clientCrlPath, read), files.crl.holds);
    tried(files.crl, paths, () => createSecureContext({ crl }));
    tried(files.crl, paths, () => lists.push(...crl.map((pem) => readRevocationList(derOf(pem)))));
    context.crl = crl;
  }
  return {
    context,
    expiresAt: certificate.validToDate.getTime(),
    revoked: new Set(lists.flatMap(({ revoked }) => [...revoked])),
    listExpiresAt: Math.min(...lists.map(({ expiresAt }) => expiresAt)),
  };
}

/** The paths that are set. */
export function pathsIn(paths: TlsPaths): string[] {
  return Object.values(files).flatMap(({ path }) => paths[path] ?? []);
}

function tried<Result>(file: File, paths: TlsPaths, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw fault(file, paths[file.path]!, `can't be read as ${file.what} (${(error as Error).message})`);
  }
}

function readPem(file: File, path: string, read: (path: string) => string): string {
  const expected = `expected the path of a PEM file with ${file.what}`;
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw fault(file, path, `${isMissing ? 'there is no such file' : 'cannot be read'}, ${expected}`);
  }
  if (text.includes('-----BEGIN ') && text.includes(`${file.holds}-----`)) return text;
  throw fault(file, path, expected);
}

function pemBlocks(text: string, kind: string): string[] {
  return text.match(new RegExp(`-----BEGIN ${kind}-----[^-]*-----END ${kind}-----`, 'g')) ?? [];
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64');
}

function fault({ setting }: File, path: string, reason: string): StartupError {
  return new StartupError(`${setting}=${path}: ${reason}`);
}
