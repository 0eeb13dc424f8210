import type { Connection, Overview } from '../contract/platform.ts';
import type { EngineView, ProcessDetail } from '../contract/processes.ts';
import { connectionOf, publicUrl } from './addresses.ts';
import type { Config } from './config.ts';
import type { Registry } from './registry.ts';

/** The broker as the process says that runs it, or else as gateways find it. */
export function brokerElsewhere({ others }: Registry): Overview['broker'] {
  const view =
    newest(others, ({ engine }) => engine) ??
    newest(others, ({ gateway }) => gateway?.engine) ??
    newest(others, ({ worker }) => worker?.engine);
  if (!view) return { healthy: false, engine: 'unknown', version: '', detail: 'No gateway is running.' };
  return brokerOf(view);
}

export function brokerOf({ healthy, name, version, detail }: EngineView): Overview['broker'] {
  return { healthy, engine: name, version, ...(detail !== null && { detail }) };
}

/** Where devices connect: as a gateway says, at the host that this process has been told people use. */
export function connectionElsewhere({ others }: Registry, config: Config): Omit<Connection, 'topic_prefix'> {
  const { mqttPort: mqtt, mqttWsPort: ws, tls } = config;
  const gateway = newest(others, ({ gateway }) => gateway);
  if (!gateway) return connectionOf(config, { mqtt, ws, mqtts: tls?.port, wss: tls?.wssPort }, 5);
  const { ports, connection } = gateway;
  if (!config.publicUrl) return connection;
  const level = connection.protocol_versions.includes('5.0') ? 5 : 4;
  const here = connectionOf(
    config,
    { ...ports, mqtts: ports.mqtts ?? undefined, wss: ports.wss ?? undefined },
    level,
  );
  return {
    ...here,
    loopback_only: connection.loopback_only,
    max_message_bytes: connection.max_message_bytes,
  };
}

/** Where people find the dashboard: as a process says that serves it, unless this one has been told. */
export function dashboardElsewhere({ others }: Registry, config: Config): string {
  const there = newest(others, ({ api }) => api?.url);
  return config.publicUrl ?? there ?? publicUrl(config, config.httpPort);
}

function newest<Part>(
  others: Registry['others'],
  part: (detail: ProcessDetail) => Part | undefined,
): Part | undefined {
  return others.map(({ detail }) => part(detail)).findLast((found) => found !== undefined);
}
