import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = promisify(execFile);

/** PEM, and the files that hold it, which a broker may read as a user of its own. */
export interface TestCertificate {
  certificate: string;
  key: string;
  certificatePath: string;
  keyPath: string;
}

export interface TestCa extends TestCertificate {
  /** @param names as openssl has them: `DNS:localhost`, `IP:127.0.0.1` */
  issue(names: string[], settings?: IssueSettings): Promise<TestCertificate>;
  /** A revocation list of these, beside those that were on the lists before it. */
  revoke(...certificates: TestCertificate[]): Promise<string>;
  /** Removes all files that it and its certificates are in. */
  remove(): Promise<void>;
}

export interface IssueSettings {
  /** Valid until yesterday. */
  expired?: boolean;
  /** Who is named in it; user names come from here with client certificates. */
  commonName?: string;
  /** What it may be used for, as openssl has it: `serverAuth`. */
  usage?: string;
  /** Valid for so many seconds, and not for two days. */
  seconds?: number;
}

let count = 0;

/** A certificate authority of a test's own, made by openssl. */
export async function testCa(commonName = 'Test CA'): Promise<TestCa> {
  const directory = await mkdtemp(join(tmpdir(), 'netneural-ca-'));
  await chmod(directory, 0o755);
  const paths = (name: string) => [join(directory, `${name}.pem`), join(directory, `${name}.key`)] as const;
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  const read = async (name: string): Promise<TestCertificate> => {
    const [certificatePath, keyPath] = paths(name);
    await chmod(keyPath, 0o644);
    const [certificate, key] = await Promise.all(
      [certificatePath, keyPath].map((path) => readFile(path, 'utf8')),
    );
    return { certificate: certificate!, key: key!, certificatePath, keyPath };
  };

  const [caPath, caKeyPath] = paths('ca');
  const self = ['-x509', '-days', '2', '-subj', `/CN=${commonName}`, '-keyout', caKeyPath, '-out', caPath];
  await openssl('openssl', ['req', ...newKey, ...self]);

  /** With the database that openssl wants of a CA that revokes. */
  async function asCa(...task: string[]): Promise<void> {
    const configPath = join(directory, 'ca.conf');
    const database = join(directory, 'database');
    const settings = {
      database,
      new_certs_dir: directory,
      rand_serial: 'yes',
      default_md: 'sha256',
      policy: 'any',
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
    await writeFile(
      configPath,
      ['[ca]', 'default_ca = test', '[test]', ...lines, '[any]', 'commonName = optional', ''].join('\n'),
    );
    await writeFile(database, '', { flag: 'a' });
    await openssl('openssl', ['ca', '-config', configPath, '-cert', caPath, '-keyfile', caKeyPath, ...task]);
  }

  return {
    ...(await read('ca')),
    async issue(names, { expired = false, commonName: subject = 'test', usage, seconds } = {}) {
      count += 1;
      const name = `issued-${count}`;
      const [path, keyPath] = paths(name);
      const [requestPath, extensionPath] = [join(directory, `${name}.csr`), join(directory, `${name}.ext`)];
      const extensions = [
        ...(names.length > 0 ? [`subjectAltName=${names.join(',')}`] : []),
        ...(usage ? [`extendedKeyUsage=${usage}`] : []),
      ];
      await writeFile(extensionPath, `${extensions.join('\n')}\n`);
      await openssl('openssl', [
        ...[
          'req',
          ...newKey,
          '-subj',
          subject === '' ? '/' : `/CN=${subject}`,
          '-keyout',
          keyPath,
          '-out',
          requestPath,
        ],
      ]);
      if (seconds !== undefined) {
        const end = new Date(Date.now() + seconds * 1000).toISOString().replace(/[-:T]|\.\d+/g, '');
        const files = ['-notext', '-in', requestPath, '-extfile', extensionPath, '-out', path];
        await asCa('-batch', '-enddate', end, ...files);
        return read(name);
      }
      // Nothing but a negative number of days makes one that has expired without a CA's whole database.
      const validity = ['-days', expired ? '-1' : '2'];
      await openssl('openssl', [
        ...['x509', '-req', '-in', requestPath, '-CA', caPath, '-CAkey', caKeyPath, '-CAcreateserial'],
        ...['-extfile', extensionPath, ...validity, '-out', path],
      ]);
      return read(name);
    },
    async revoke(...certificates) {
      for (const { certificatePath } of certificates) await asCa('-revoke', certificatePath);
      const listPath = join(directory, 'list.pem');
      await asCa('-gencrl', '-crldays', '2', '-out', listPath);
      return readFile(listPath, 'utf8');
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
