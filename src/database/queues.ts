import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';

const SCRIPT = /\/pgmq--\d+\.\d+\.\d+\.sql$/;
/** Of a tar file: headers and contents fill whole blocks (POSIX pax, ustar). */
const BLOCK = 512;

/**
 * Sees that pgmq is there: as it is, as the server's extension, or where there is none by its own SQL, which makes the
 * same schema. Once: its script is none to be run twice.
 */
export async function installQueues(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ there: boolean; available: boolean }>(
    `select to_regnamespace('pgmq') is not null as there,
            exists (select from pg_available_extensions where name = 'pgmq') as available`,
  );
  const { there, available } = rows[0]!;
  if (there) return;
  await client.query(available ? 'create extension pgmq' : await pgmqScript());
}

/** As its npm package holds it: in an archive with the scripts of all versions, of which one installs all. */
async function pgmqScript(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite-pgmq');
  const archive = await readFile(join(dirname(entry), 'pgmq.tar.gz'));
  for (const { name, content } of filesOf(await promisify(gunzip)(archive))) {
    if (SCRIPT.test(name)) return content.toString();
  }
  throw new Error('@electric-sql/pglite-pgmq holds no script that installs pgmq');
}

function* filesOf(tar: Buffer): Generator<{ name: string; content: Buffer }> {
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const field = (start: number, length: number) =>
      tar.toString('latin1', at + start, at + start + length).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 12), 8);
    const content = at + BLOCK;
    yield { name: field(0, 100), content: tar.subarray(content, content + size) };
    at = content + Math.ceil(size / BLOCK) * BLOCK;
  }
}
