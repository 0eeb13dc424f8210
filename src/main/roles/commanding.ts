import { Commands } from '../../commands/commands.ts';
import { openPool } from '../../database/pool.ts';
import type { Engine } from '../../engine/engine.ts';
import { type CommandWays, commandWays } from '../command-ways.ts';
import type { Foundation, Role } from '../foundation.ts';
import type { External } from './external.ts';

/** For sending commands and writing what becomes of them: beside requests, which may all have to wait. */
const COMMAND_CONNECTIONS = 6;

/** What writes down what becomes of commands, and in some roles sends them. */
export interface Commanding extends Role {
  commands: Commands;
  ways: CommandWays | undefined;
}

/**
 * A worker sends all commands; a subscriber those to customers' brokers, over the connections that it holds. Others write
 * down what they see: answers, and confirmations of devices.
 */
export function commandingOf(
  foundation: Foundation,
  { engine, external }: { engine: Engine | undefined; external: External | undefined },
): Commanding {
  const { roles, config, log, clock, database, announcer, signals } = foundation;
  const onChanged = (organizations: Iterable<string>) => announcer.add(organizations);
  const ways =
    engine && external && roles.has('worker')
      ? commandWays({ engine, external: external.send, messageBytes: config.maxMessageBytes })
      : undefined;
  if (!external || !(ways || roles.has('subscriber'))) {
    const commands = new Commands({
      pool: database.pool,
      log,
      clock,
      queues: [],
      send: () => Promise.reject(new Error('commands are sent elsewhere')),
      onChanged,
    });
    return { commands, ways, services: [commands] };
  }
  const pool = openPool({ ...database.connection, max: COMMAND_CONNECTIONS }, log);
  const commands = new Commands({
    pool,
    log,
    clock,
    send: ways?.send ?? external.send,
    ...(ways && { isThere: ways.isThere }),
    onChanged,
  });
  signals.hear({
    called: (queue) => commands.wake(queue),
    ...(ways && { arrived: (device) => ways.arrived(device, commands) }),
    missed: () => commands.wake(),
  });
  return {
    commands,
    ways,
    services: [
      { name: 'database connections of commands', async start() {}, stop: () => pool.end() },
      commands,
      // Stopped first: what is being sent is given up, and written down so.
      { name: 'connections for commands', async start() {}, stop: external.send.stop },
    ],
  };
}
