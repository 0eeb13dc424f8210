import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Certificates } from './certificates.ts';

/** How certificates are renewed out there, each on files of its own. */

let root: string;
let directory: string;
let certificates: Certificates;
let inUse: string[];
let said: { level: string; fields: Record<string, unknown> }[];
const pairs: Record<string, { cert: string; key: string }> = {};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'netneural-certificates-'));
  for (const [name, days] of [
    ['one', '2'],
    ['two', '2'],
    ['expired', '-1'],
  ] as const) {
    const [cert, key, csr] = ['crt', 'key', 'csr'].map((ending) => join(root, `${name}.${ending}`)) as [
      string,
      string,
      string,
    ];
    const ec = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      `/CN=${name}`,
    ];
    execFileSync('openssl', ['req', ...ec, '-keyout', key, '-out', csr], { stdio: 'ignore' });
    const signed = ['x509', '-req', '-in', csr, '-signkey', key, '-days', days, '-out', cert];
    execFileSync('openssl', signed, { stdio: 'ignore' });
    pairs[name] = { cert, key };
  }
});
afterAll(() => rmSync(root, { recursive: true }));

beforeEach(() => {
  directory = mkdtempSync(join(root, 'in-use-'));
  inUse = [];
  said = [];
});
afterEach(() => certificates.stop());

const file = (name: string) => join(directory, name);
const textOf = (path: string) => execFileSync('cat', [path], { encoding: 'utf8' });

function put(name: string, at = directory, part?: 'cert' | 'key'): void {
  const { cert, key } = pairs[name]!;
  if (part !== 'key') writeFileSync(join(at, 'tls.crt'), textOf(cert));
  if (part !== 'cert') writeFileSync(join(at, 'tls.key'), textOf(key));
}

function open(): void {
  const log = (level: string) => (fields: Record<string, unknown>) => void said.push({ level, fields });
  certificates = new Certificates({
    paths: { certPath: file('tls.crt'), keyPath: file('tls.key') },
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    lookMs: 200,
    onRenewed: () => inUse.push(String(certificates.context.cert)),
  });
}
const soon = <T>(check: () => T) => vi.waitFor(check, { timeout: 10_000, interval: 50 });
const isInUse = (name: string) => soon(() => expect(inUse).toEqual([textOf(pairs[name]!.cert)]));
const complaints = () => said.filter(({ level }) => level === 'error').map(({ fields }) => fields.problem);

test('written in place, one file after the other', async () => {
  put('one');
  open();
  put('two', directory, 'cert');
  put('two', directory, 'key');
  await isInUse('two');
  expect(certificates.status).toMatchObject({ renewals: 1, problem: undefined });
  expect(complaints()).toEqual([]);
});

test('renamed into place', async () => {
  put('one');
  open();
  const beside = mkdtempSync(join(directory, 'new-'));
  put('two', beside);
  for (const name of ['tls.key', 'tls.crt']) renameSync(join(beside, name), file(name));
  await isInUse('two');
});

test('a symlink of certbot’s leads to the next file', async () => {
  put('one');
  for (const name of ['tls.crt', 'tls.key']) {
    renameSync(file(name), file(`${name}-1`));
    symlinkSync(`${name}-1`, file(name));
  }
  open();
  const { cert, key } = pairs.two!;
  for (const [name, path] of [
    ['tls.crt', cert],
    ['tls.key', key],
  ] as const) {
    writeFileSync(file(`${name}-2`), textOf(path));
    rmSync(file(name));
    symlinkSync(`${name}-2`, file(name));
  }
  await isInUse('two');
});

test('a Kubernetes secret swaps the directory behind two symlinks', async () => {
  mkdirSync(file('..version-1'));
  put('one', file('..version-1'));
  symlinkSync('..version-1', file('..data'));
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, file(name));
  open();
  mkdirSync(file('..version-2'));
  put('two', file('..version-2'));
  symlinkSync('..version-2', file('..data_tmp'));
  renameSync(file('..data_tmp'), file('..data'));
  rmSync(file('..version-1'), { recursive: true });
  await isInUse('two');
});

test('what can’t be used leaves the one before, is said once, and forgotten when mended', async () => {
  put('one');
  open();
  put('two', directory, 'cert');
  await soon(() => expect(complaints()).toHaveLength(1));
  expect(complaints()[0]).toMatch(/^TLS_KEY=.*tls\.key: does not go with TLS_CERT=/);
  expect(certificates.status.problem).toBe(complaints()[0]);

  put('expired');
  await soon(() => expect(complaints()[1]).toMatch(/^TLS_CERT=.*: it has expired already$/));
  rmSync(file('tls.crt'));
  await soon(() => expect(complaints()[2]).toMatch(/^TLS_CERT=.*: there is no such file/));
  writeFileSync(file('tls.crt'), textOf(pairs.two!.cert).slice(0, 200));
  await soon(() => expect(complaints()[3]).toMatch(/^TLS_CERT=.*: can't be read as a certificate/));
  expect(inUse).toEqual([]);

  put('one');
  await soon(() => expect(certificates.status.problem).toBeUndefined());
  expect(inUse).toEqual([]);
  put('two');
  await isInUse('two');
  expect(complaints()).toHaveLength(4);
});
