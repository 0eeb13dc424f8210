import type pg from 'pg';
import { embeddedEngine } from '../engine/embedded/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { mosquittoEngine } from '../engine/mosquitto/engine.ts';
import { remoteEngine } from '../engine/remote/engine.ts';
import type { Clock } from '../service/clock.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import type { Config } from './config.ts';
import { dataDirError } from './data-dir.ts';

/** The broker that ENGINE names, not started yet. @throws StartupError when it can't be had here */
export async function engineOf(
  config: Config,
  parts: { pool: pg.Pool; log: Logger; clock: Clock },
): Promise<Engine & Service> {
  const { engine, dataDir, maxMessageBytes } = config;
  const { log } = parts;
  if (engine === 'embedded') return embeddedEngine(parts);
  if (engine !== 'mosquitto') return remoteEngine({ url: engine, log });
  try {
    return await mosquittoEngine({ directory: dataDir, messageBytes: maxMessageBytes, log });
  } catch (error) {
    throw dataDirError(dataDir, error);
  }
}
