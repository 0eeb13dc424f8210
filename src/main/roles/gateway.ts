import { announceArrivals, arrival } from '../../database/announce.ts';
import type { Engine } from '../../engine/engine.ts';
import type { CommandEvents } from '../../gateway/command-watch.ts';
import { Gateway } from '../../gateway/gateway.ts';
import { connectionOf } from '../addresses.ts';
import { engineView } from '../engine.ts';
import type { Foundation, Role } from '../foundation.ts';
import { tellOthers } from '../notifications.ts';
import { rateOf } from '../rate.ts';
import type { Commanding } from './commanding.ts';
import type { Intake } from './intake.ts';

/** Other processes are told no more often than this that the engine is away. */
const TELL_MS = 1000;

/** Lets devices in. */
export function gatewayRole(
  foundation: Foundation,
  { engine, intake, commanding }: { engine: Engine; intake: Intake; commanding: Commanding },
): Role & { gateway: Gateway } {
  const { id, isAlone, config, log, clock, database, signals, reports } = foundation;
  const { pool } = database;
  const arrivals = announceArrivals({ pool, log });
  const { commands, ways } = commanding;
  const told = { isThere: true, at: Number.NEGATIVE_INFINITY };

  /** Presence is watched by one process, which may be another. */
  function engineIs(isThere: boolean): void {
    signals.tell('engine', isThere);
    const now = performance.now();
    if (told.isThere === isThere && now - told.at < TELL_MS) return;
    Object.assign(told, { isThere, at: now });
    tellOthers(foundation, isThere ? 'engine_back' : 'engine_away');
  }

  /** Whoever sends commands hears of it where somebody else may. */
  function heard(): CommandEvents {
    const here = ways?.heard(commands) ?? commands;
    if (isAlone) return here;
    return {
      delivered: (command, from) => here.delivered(command, from),
      handedOver: (command, from) => here.handedOver(command, from),
      listening(device) {
        here.listening(device);
        arrivals.add([arrival(device)]);
      },
    };
  }

  const gateway = new Gateway({
    id,
    isAlone,
    pool,
    quotas: intake.quotas,
    engine,
    ingest: intake.ingest,
    commands: heard(),
    clock,
    log,
    listen: {
      host: config.host,
      mqttPort: config.mqttPort,
      mqttWsPort: config.mqttWsPort,
      tls: config.tls,
      proxies: config.proxyProtocol ? config.trustedProxies : undefined,
    },
    limits: { messageBytes: config.maxMessageBytes },
    onEngineAway: () => engineIs(false),
    onEngineBack: () => engineIs(true),
  });
  signals.hear({
    changed: (change) => gateway.changed(change),
    missed: () => gateway.allChanged(),
    recounted: () => gateway.connectionsStand(),
    forgotten: () => gateway.wasForgotten(),
    database: (isThere) => isThere && gateway.connectionsStand(),
  });
  const rate = rateOf(() => Object.values(intake.ingest.journal.totals).reduce((sum, count) => sum + count));
  reports.push(() => {
    const { connections, heldBytes } = gateway.status;
    const { mqtt, ws, mqtts = null, wss = null } = gateway.ports;
    return {
      gateway: {
        connections,
        messages_per_second: rate(),
        held_bytes: heldBytes,
        connection: connectionOf(config, gateway.ports, engine.protocolLevel),
        ports: { mqtt, ws, mqtts, wss },
        engine: engineView(engine),
      },
    };
  });
  return { gateway, services: [arrivals, gateway] };
}
