import type { UsedTag } from '../contract/devices.ts';
import type { Transaction } from './transaction.ts';

/** So many are listed, those of the most devices. */
const LISTED = 1000;

/** Tags in use, by name. */
export function listTags(tx: Transaction, organizationId: string): Promise<UsedTag[]> {
  return tx.rows(
    `select tag, device_count from (
       select tag, count(*) as device_count
         from public.devices d, unnest(d.tags) as tag
        where d.organization_id = $1
        group by tag order by count(*) desc, tag limit ${LISTED}) most
      order by tag collate "C"`,
    [organizationId],
  );
}

export interface Tagging {
  organizationId: string;
  deviceIds: readonly string[];
  add: readonly string[];
  remove: readonly string[];
}

/** @returns the devices that are there, with what they are tagged with now */
export function tagDevices(tx: Transaction, tagging: Tagging): Promise<{ id: string; tags: string[] }[]> {
  return tx.rows(
    // Locked in order, so that two of these wait for one another instead of standing in each other's way.
    `with locked as (
       select id, tags from public.devices where organization_id = $1 and id = any ($2::uuid[])
        order by id for no key update)
     update public.devices d
        set updated_at = now(),
            tags = array(select distinct tag collate "C" as tag from unnest(locked.tags || $3::text[]) as tag
                          where tag <> all ($4::text[]) order by tag)
       from locked where d.id = locked.id
     returning d.id, d.tags`,
    [tagging.organizationId, tagging.deviceIds, tagging.add, tagging.remove],
  );
}
