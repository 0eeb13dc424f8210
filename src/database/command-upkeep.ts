import type pg from 'pg';
import { commandLimits } from '../domain/command.ts';

/** What is due by the clock. */

/** In one statement, at most; the next round goes on. */
const AT_ONCE = 2000;
/** A command that should have been sent by now and was not: its word was lost, or whoever had it is gone. */
const FORGOTTEN_SECONDS = 60;

const { answerGraceSeconds, finishSeconds } = commandLimits;

/**
 * Ends what has run out of time, and says how far it had come. What is being sent right now is left to whoever sends it.
 * @returns the organizations whose commands ended
 */
export async function expireCommands(pool: pg.Pool): Promise<Set<string>> {
  const { rows } = await pool.query<{ organization: string }>({
    name: 'expire_commands',
    text: `
      with not_begun as (
        select id from public.device_commands
         where finished_at is null and state <> 'acknowledged' and expires_at <= now()
           and (state = 'queued' or expires_at <= now() - interval '${answerGraceSeconds} seconds')
           and coalesce(sending_until, '-infinity') < now()
         order by expires_at limit ${AT_ONCE} for no key update skip locked
      ), under_way as (
        select id from public.device_commands
         where finished_at is null and state = 'acknowledged' and expires_at <= now() - interval '${finishSeconds} seconds'
         order by expires_at limit ${AT_ONCE} for no key update skip locked
      ), due as (
        select id from not_begun union all select id from under_way
      )
      update public.device_commands c set state = 'expired', detail = '',
             reason = case c.state when 'queued' then 'not_sent' when 'published' then 'not_delivered'
                                   when 'delivered' then 'not_answered' else 'not_finished' end
        from due where c.id = due.id
      returning c.organization_id as organization`,
  });
  return new Set(rows.map(({ organization }) => organization));
}

/**
 * Calls devices once more whose next command should have been sent by now.
 * @param hosted without, none of devices on the hosted broker: their words would pile up where nobody reads them
 */
export async function callForgotten(
  pool: Pick<pg.Pool, 'query'>,
  { hosted }: { hosted: boolean },
): Promise<void> {
  await pool.query(
    `with heads as (
       select distinct on (device_id) device_id, waits_for_device,
              greatest(created_at, sending_until, next_attempt_at) as due
         from public.device_commands where state = 'queued' order by device_id, sequence
     ), forgotten as (
       select d.id from heads join public.devices d on d.id = heads.device_id
        where not waits_for_device and due < now() - interval '${FORGOTTEN_SECONDS} seconds'
          and ($1 or exists (select from public.device_integrations i where i.id = d.integration_id
                        and i.integration_type = 'mqtt_external' and i.mode is distinct from 'bridge'))
        order by due limit ${AT_ONCE}
     )
     select private.call_devices(array(select id from forgotten)) where exists (select from forgotten)`,
    [hosted],
  );
}
