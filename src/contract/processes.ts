import type { Connection } from './platform.ts';

/** What a process of the platform may do; without a choice it does all of it. In the order in which parts start. */
export const roleNames = ['engine', 'worker', 'subscriber', 'gateway', 'api'] as const;
export type RoleName = (typeof roleNames)[number];

/** What each role tells the others, and operators, every two seconds. */
export interface ProcessDetail {
  /** What SECRET_KEY is known by, where the process has one: it is the same for all. */
  key?: string;
  engine?: EngineDetail;
  worker?: WorkerDetail;
  subscriber?: SubscriberDetail;
  gateway?: GatewayDetail;
  api?: ApiDetail;
}

/** How a broker behind the gateways looks from a process. */
export interface EngineView {
  name: string;
  healthy: boolean;
  version: string;
  /** 5: MQTT 5 is spoken. Null until it was reached. */
  protocol_level: 4 | 5 | null;
  clients: number;
  queued: number;
  retained: number;
  dropped: number;
  /** What is wrong, in words. */
  detail: string | null;
}

export interface EngineDetail extends EngineView {
  /** Where gateways reach it; null where nobody but this process does. */
  address: { host: string; port: number } | null;
}

export interface GatewayDetail {
  connections: number;
  messages_per_second: number;
  /** Memory of publishes that are not acknowledged yet, in bytes. */
  held_bytes: number;
  /** Where devices connect. */
  connection: Omit<Connection, 'topic_prefix'>;
  ports: { mqtt: number; ws: number; mqtts: number | null; wss: number | null };
  engine: EngineView;
}

export interface WorkerDetail {
  /** Devices that commands are being sent to. */
  turns: number;
  /** Devices that no worker has come to yet, of all; up to 20,000. */
  backlog: number;
  /** It is the one that watches presence. */
  watches_presence: boolean;
  engine: EngineView;
}

export interface SubscriberDetail {
  /** Customers' brokers that it holds a connection to. */
  integrations: number;
}

export interface ApiDetail {
  url: string;
  /** Messages that came by webhook and are not stored yet. */
  waiting: number;
}
