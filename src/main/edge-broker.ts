import type pg from 'pg';
import { z } from 'zod';
import { Commands } from '../commands/commands.ts';
import { announce } from '../database/announce.ts';
import { commandSender } from '../external/command-sender.ts';
import { IntegrationDirectory } from '../external/directory.ts';
import { createCommandWaits } from '../http/command-waits.ts';
import { brokerApp } from '../http/functions/mqtt-broker.ts';
import { supabaseUsers } from '../http/supabase-users.ts';
import { DeviceRegistry } from '../ingest/device-registry.ts';
import { systemClock } from '../service/clock.ts';
import { guardedLookup } from '../service/guard.ts';
import type { Logger } from '../service/log.ts';
import { createSeal } from '../service/seal.ts';
import { accountsElsewhere } from './edge-accounts.ts';
import {
  type Edge,
  type EdgeRuntime,
  edgeDatabase,
  edgeLog,
  edgeSettings,
  edgeUsers,
} from './edge-settings.ts';

/** Turns, states, the look at what is waited for. */
const MOST_CONNECTIONS = 3;
/** Nobody listens for notifications here. */
const POLL_MS = 100;
/** Nobody listens for changes either: settings that were edited count after so long at most. */
const FRESH_MS = 3000;
/** Between requests a function may be frozen: a connection to a broker is not kept for what may follow. */
const IDLE_MS = 0;

const settings = edgeSettings.extend(edgeUsers).extend({
  ALLOW_PRIVATE_NETWORKS: z.stringbool().default(false),
});

/**
 * `POST …/mqtt-broker` as an edge function: a command, sent from here to the customer's broker and answered with its
 * confirmation. For devices on the hosted broker it is left to the platform that runs one.
 * @param environment its variables
 * @throws with the names of settings that are missing or bad
 */
export function edgeBroker(environment: Record<string, string>, { write }: EdgeRuntime): Edge {
  const given = settings.parse(environment);
  const log = edgeLog(write);
  const { pool } = edgeDatabase(given, { log, most: MOST_CONNECTIONS });
  const url = given.SUPABASE_URL?.replace(/\/+$/, '');
  const commands = edgeCommands({
    pool,
    log,
    secretKey: given.SECRET_KEY,
    allowPrivate: given.ALLOW_PRIVATE_NETWORKS,
  });
  return brokerApp({
    publicUrl: (given.PUBLIC_URL ?? url ?? 'http://localhost').replace(/\/+$/, ''),
    pool,
    log,
    accounts: accountsElsewhere,
    supabaseUser: supabaseUsers({ url, jwtSecret: given.SUPABASE_JWT_SECRET ?? given.JWT_SECRET }),
    commands: {
      waits: createCommandWaits({ pool, log, pollMs: POLL_MS }),
      dispatch: (deviceId) => commands.dispatch(deviceId),
    },
  });
}

/** Commands without a process that stays: what is due is sent when somebody asks for it. */
export function edgeCommands(parts: {
  pool: pg.Pool;
  log: Logger;
  secretKey: string | undefined;
  allowPrivate: boolean;
}): Commands {
  const { pool, log, secretKey, allowPrivate } = parts;
  const announcer = announce({ pool, log });
  const directory = new IntegrationDirectory({
    pool,
    devices: new DeviceRegistry(),
    seal: createSeal(secretKey),
    freshMs: FRESH_MS,
  });
  const send = commandSender({
    directory,
    lookup: guardedLookup({ allowPrivate }),
    log,
    held: () => undefined,
    idleMs: IDLE_MS,
  });
  return new Commands({
    pool,
    log,
    clock: systemClock(),
    send,
    onChanged: (organizations) => announcer.add(organizations),
  });
}
