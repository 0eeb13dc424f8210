import { randomUUID } from 'node:crypto';
import type { ProcessDetail, RoleName } from '../contract/processes.ts';
import { type Announcer, announce } from '../database/announce.ts';
import { type Clock, systemClock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import type { Config } from './config.ts';
import type { Database } from './database.ts';
import { Registry } from './registry.ts';
import { Signals } from './signals.ts';

/** What every process stands on, whatever its roles are. */
export interface Foundation {
  /** Of this run of the process: what it holds is listed under it. */
  id: string;
  roles: ReadonlySet<RoleName>;
  /** It has all roles, and was not asked for some. */
  isWhole: boolean;
  /** It is the whole platform, with an engine of its own: nobody else serves clients from the same database. */
  isAlone: boolean;
  config: Config;
  log: Logger;
  clock: Clock;
  database: Database;
  /** Tells every process which organizations have something new. */
  announcer: Announcer;
  signals: Signals;
  registry: Registry;
  /** Takes what is told of this process in the list of all. */
  reports: (() => ProcessDetail)[];
}

/** What a role adds to its process. */
export interface Role {
  /** In the order of their start. */
  services: readonly Service[];
}

export function layFoundation(given: {
  roles: ReadonlySet<RoleName>;
  isWhole: boolean;
  isAlone: boolean;
  config: Config;
  log: Logger;
  database: Database;
}): Foundation {
  const { roles, log, database } = given;
  const { pool } = database;
  const id = randomUUID();
  const reports: (() => ProcessDetail)[] = [];
  const signals = new Signals();
  return {
    ...given,
    id,
    clock: systemClock(),
    announcer: announce({ pool, log }),
    signals,
    reports,
    registry: new Registry({
      id,
      roles,
      pool,
      log,
      report: () => Object.assign({}, ...reports.map((report) => report())),
      onForgotten: () => signals.tell('forgotten'),
    }),
  };
}
