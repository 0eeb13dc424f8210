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
  /** Removes all files that it and its certificates are in. */
  remove(): Promise<void>;
}

export interface IssueSettings {
  /** Valid until yesterday. */
  expired?: boolean;
  /** Who is named in it; user names come from here with client certificates. */
  commonName?: string;
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
  return {
    ...(await read('ca')),
    async issue(names, { expired = false, commonName: subject = 'test' } = {}) {
      count += 1;
      const name = `issued-${count}`;
      const [path, keyPath] = paths(name);
      const [requestPath, extensionPath] = [join(directory, `${name}.csr`), join(directory, `${name}.ext`)];
      await writeFile(extensionPath, names.length > 0 ? `subjectAltName=${names.join(',')}\n` : '');
      await openssl('openssl', [
        ...['req', ...newKey, '-subj', `/CN=${subject}`, '-keyout', keyPath, '-out', requestPath],
      ]);
      // Nothing but a negative number of days makes one that has expired without a CA's whole database.
      const validity = ['-days', expired ? '-1' : '2'];
      await openssl('openssl', [
        ...['x509', '-req', '-in', requestPath, '-CA', caPath, '-CAkey', caKeyPath, '-CAcreateserial'],
        ...['-extfile', extensionPath, ...validity, '-out', path],
      ]);
      return read(name);
    },
    remove: () => rm(directory, { recursive: true }),
  };
}
