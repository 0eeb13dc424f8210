import type { EngineView } from '../contract/processes.ts';
import { embeddedEngine } from '../engine/embedded/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { PLATFORM_USER } from '../engine/mosquitto/configuration.ts';
import { mosquittoEngine } from '../engine/mosquitto/engine.ts';
import type { Endpoint } from '../engine/remote/endpoint.ts';
import { RemoteEngine, remoteEngine } from '../engine/remote/engine.ts';
import type { Service } from '../service/lifecycle.ts';
import { engineAddress } from './addresses.ts';
import { dataDirError } from './data-dir.ts';
import type { Foundation } from './foundation.ts';
import type { Registry } from './registry.ts';

/** The broker that ENGINE names, not started yet. @throws StartupError when it can't be had here */
export async function engineOf(foundation: Foundation): Promise<Engine & Service> {
  const { config, log, clock, database, roles, isAlone, registry, reports } = foundation;
  const { dataDir, maxMessageBytes: messageBytes } = config;
  if (config.engine === 'embedded') return embeddedEngine({ pool: database.pool, log, clock });
  if (config.engine !== 'mosquitto') return remoteEngine({ url: config.engine, log });
  if (!roles.has('engine')) {
    const nodes = [registeredEngine(registry)];
    return new RemoteEngine({ name: 'mosquitto', nodes, username: PLATFORM_USER, log });
  }
  try {
    const listen = isAlone ? undefined : config.engineListen;
    const engine = await mosquittoEngine({ directory: dataDir, messageBytes, listen, log });
    const address = isAlone ? null : engineAddress(config);
    reports.push(() => ({ engine: { ...engineView(engine), address } }));
    return engine;
  } catch (error) {
    throw dataDirError(dataDir, error);
  }
}

/** Where the process with the role `engine` says that its broker is, or was when it was last there. */
function registeredEngine(registry: Registry): () => Endpoint | undefined {
  let known: Endpoint | undefined;
  return () => {
    const addresses = registry.others.flatMap(({ detail }) => detail.engine?.address ?? []);
    const newest = addresses.at(-1);
    if (newest) known = { ...newest, secure: false };
    return known;
  };
}

/** What is told of it to other processes. */
export function engineView(engine: Engine): EngineView {
  const { healthy, version, clients, queued, retained, dropped, detail = null } = engine.status();
  const { name, protocolLevel = null } = engine;
  return {
    name,
    healthy,
    version,
    protocol_level: protocolLevel,
    clients,
    queued,
    retained,
    dropped,
    detail,
  };
}
