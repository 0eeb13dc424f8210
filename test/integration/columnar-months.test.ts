import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';

/** Of what adopts columnar storage, all that is not the extension's own. */

const script = join(import.meta.dirname, '../../deploy/postgres/columnar-months.sql');

test('old months are found, and a deleted device takes its readings along from those that are not packed', async () => {
  const { pool, close } = await testDatabase();
  const ofHistory = `select prosrc from pg_proc where oid = 'private.delete_device_history'::regproc`;
  const before = (await pool.query(ofHistory)).rows[0].prosrc as string;
  const text = await readFile(script, 'utf8');
  const [creating, ...rest] = text.split('create extension if not exists citus;');
  expect(rest, 'the one statement that needs the extension to be installed').toHaveLength(1);
  await pool.query(creating! + rest.join(''));

  // Whatever else a deleted device takes along, it still does.
  const after = (await pool.query(ofHistory)).rows[0].prosrc as string;
  const others = (source: string) =>
    [...source.matchAll(/delete from public\.(\w+)/g)].map(([, table]) => table);
  expect(others(after)).toEqual(others(before).filter((table) => table !== 'device_telemetry_history'));

  expect((await pool.query(`select private.pack_month('3 months') as month`)).rows).toEqual([
    { month: null },
  ]);
  const { rows } = await pool.query(
    `select private.found_organization('Lab', gen_random_uuid()) as organization`,
  );
  const { organization } = rows[0];
  await pool.query(`select private.ensure_history_partition((now() - interval '6 months')::date)`);
  await pool.query(
    `with device as (
       insert into devices (organization_id, external_device_id, name)
       values ($1, 'gone', 'gone'), ($1, 'kept', 'kept') returning id
     )
     insert into device_telemetry_history (organization_id, device_id, recorded_at, telemetry)
     select $1, id, now() - age, '{"t":1}' from device, unnest(array['0', '6 months']::interval[]) as age`,
    [organization],
  );
  // It is the month that would be packed: what packs it is Citus', and missing here.
  await expect(pool.query(`select private.pack_month('3 months')`)).rejects.toThrow(
    /alter_table_set_access_method\(regclass, unknown\) does not exist/,
  );

  await pool.query(`delete from devices where external_device_id = 'gone'`);
  const left = await pool.query(
    `select d.external_device_id as device, count(*)::int from device_telemetry_history h
       left join devices d on d.id = h.device_id group by 1`,
  );
  expect(left.rows).toEqual([{ device: 'kept', count: 2 }]);
  await close();
});
