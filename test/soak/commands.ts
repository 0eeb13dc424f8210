import { setTimeout as delay } from 'node:timers/promises';
import { startMosquitto } from '../support/mosquitto.ts';
import { CommandedFleet } from './commanded.ts';
import {
  connection,
  createCredential,
  type Place,
  postmasterPid,
  query,
  type Run,
  run,
  standalonePlace,
  start,
  stop,
} from './standalone.ts';

export interface CommandsResult {
  /** Of all that were asked: how many ended in which state. */
  states: Record<string, number>;
  /** In words what devices did not get, or in another order. */
  differences: string[];
  /** Came again, with the id they had. */
  repeats: number;
  /** Milliseconds from the last trouble until every command had ended. */
  settled: number;
}

const EACH = 10;
/** A turn that was somebody's who is gone is anybody's after this. */
const PATIENCE_MS = 60_000;

/**
 * A thousand commands to a hundred devices on the hosted broker, in ten waves; meanwhile the platform is killed, its
 * database is killed, and half of the devices are away for a while.
 */
export async function hostedCommands({ devices = 100 } = {}): Promise<CommandsResult> {
  const place = await standalonePlace();
  try {
    let running = await start(place);
    const { organizationId, username, password } = await createCredential(place);
    const fleet = new CommandedFleet({
      url: `mqtt://127.0.0.1:${place.mqttPort}`,
      devices,
      login: { username, password },
      clean: true,
      topics: (name) => ({
        commands: `org_${organizationId}/devices/${name}/commands`,
        responses: `org_${organizationId}/devices/${name}/responses`,
      }),
    });
    await register(place, organizationId, 'mqtt_hosted', fleet.names);
    await fleet.connect();
    const away = fleet.names.filter((_, index) => index % 4 < 2);
    const troubles: Record<number, () => Promise<void>> = {
      2: () => fleet.disconnect(away),
      4: async () => {
        running = await killAndStart(running, place);
      },
      5: () => fleet.connect(away),
      7: async () => void process.kill(await postmasterPid(place), 'SIGKILL'),
      8: async () => {
        running = await killAndStart(running, place);
      },
    };
    await waves(place, organizationId, troubles);
    const result = await settle(place, organizationId, fleet);
    await fleet.disconnect();
    await stop(running);
    return result;
  } finally {
    await place.remove();
  }
}

/**
 * The same to a customer's Mosquitto, sent by three processes: the platform, and two that hold subscriptions beside it.
 * One of those is killed, the broker is restarted, and PostgreSQL is killed.
 */
export async function externalCommands({ devices = 100 } = {}): Promise<CommandsResult> {
  const mosquitto = await startMosquitto({ persistent: true });
  const place = await standalonePlace({ ALLOW_PRIVATE_NETWORKS: 'true' });
  const helpers: Run[] = [];
  try {
    const running = await start(place);
    const { organizationId } = await createCredential(place);
    const fleet = new CommandedFleet({
      url: mosquitto.url,
      devices,
      login: {},
      // Whom we can't see at a customer's broker gets what that broker keeps for it.
      clean: false,
      topics: (name) => ({ commands: `plant/${name}/commands`, responses: `plant/${name}/responses` }),
    });
    await integrate(place, organizationId, mosquitto.url);
    await register(place, organizationId, 'mqtt_external', fleet.names);
    const database = await connection(place);
    const url = `postgresql://postgres@/postgres?host=${encodeURIComponent(database.host)}`;
    await database.end();
    const helper = () => {
      const started = run({ settings: { ...place.settings, DATABASE_URL: url } }, [
        process.execPath,
        'src/main/main.ts',
        'subscriber',
      ]);
      helpers.push(started);
    };
    helper();
    helper();
    await fleet.connect();
    const troubles: Record<number, () => Promise<void>> = {
      3: async () => void helpers[0]!.child.kill('SIGKILL'),
      5: () => mosquitto.restart(),
      7: async () => void process.kill(await postmasterPid(place), 'SIGKILL'),
      8: async () => helper(),
    };
    await waves(place, organizationId, troubles);
    const result = await settle(place, organizationId, fleet);
    await fleet.disconnect();
    await Promise.all(helpers.map(stop));
    await stop(running);
    return result;
  } finally {
    await mosquitto.stop();
    await place.remove();
  }
}

async function killAndStart({ child, exited }: Run, place: Place): Promise<Run> {
  child.kill('SIGKILL');
  await exited;
  return start(place);
}

/** Asks all devices for one command each, ten times, with trouble in the middle of some of them. */
async function waves(
  place: Place,
  organizationId: string,
  troubles: Record<number, () => Promise<void>>,
): Promise<void> {
  for (let n = 0; n < EACH; n += 1) {
    await ask(place, organizationId, n);
    // In the middle of it: a hundred commands take some hundred milliseconds.
    await delay(Math.random() * 150);
    await troubles[n]?.();
  }
}

/** Until it is committed: whoever does not know whether it is asks again, with the same keys. */
async function ask(place: Place, organizationId: string, n: number): Promise<void> {
  for (;;) {
    try {
      await query(
        place,
        `insert into public.device_commands (device_id, name, params, idempotency_key)
         select id, 'count', jsonb_build_object('n', $2::int), external_device_id || '/' || $2 from public.devices
          where organization_id = $1 order by id on conflict do nothing`,
        [organizationId, n],
      );
      return;
    } catch {
      await delay(100);
    }
  }
}

async function settle(place: Place, organizationId: string, fleet: CommandedFleet): Promise<CommandsResult> {
  const started = performance.now();
  let states: Record<string, number> = {};
  while (performance.now() - started < PATIENCE_MS) {
    const rows = await query<{ state: string; count: number }>(
      place,
      'select state, count(*)::int from public.device_commands where organization_id = $1 group by state',
      [organizationId],
    ).catch(() => []);
    states = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
    if (states.succeeded === fleet.names.length * EACH) break;
    await delay(50);
  }
  const settled = Math.round(performance.now() - started);
  return { states, differences: fleet.differences(EACH), repeats: fleet.repeats, settled };
}

async function register(
  place: Place,
  organizationId: string,
  integrationType: string,
  names: readonly string[],
): Promise<void> {
  await query(
    place,
    `insert into public.devices (organization_id, integration_id, external_device_id, name)
     select $1, (select id from public.device_integrations where organization_id = $1 and integration_type = $2), name, name
       from unnest($3::text[]) as name`,
    [organizationId, integrationType, names],
  );
}

async function integrate(place: Place, organizationId: string, url: string): Promise<void> {
  const configuration = {
    broker: {
      url,
      protocol_version: '5',
      keep_alive_seconds: 60,
      has_password: false,
      has_client_key: false,
    },
    commands: { topic: 'plant/{device}/commands' },
  };
  await query(
    place,
    `insert into public.device_integrations
       (organization_id, name, integration_type, mode, expected_topics, configuration)
     values ($1, 'Plant', 'mqtt_external', 'subscribe', '[{"topic":"plant/+/responses"}]', $2)`,
    [organizationId, configuration],
  );
}
