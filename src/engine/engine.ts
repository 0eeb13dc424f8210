import type { Duplex } from 'node:stream';

/**
 * A broker behind the gateway. The gateway speaks MQTT to it over one connection per device
 * connection, has authenticated the client, rewritten its client id to `{organization id}:{client id}`
 * and its user name to `org_{organization id}`, and forwards nothing that is not granted.
 */
export interface Engine {
  readonly name: 'embedded' | 'mosquitto' | 'remote';
  /** The newest protocol level that the engine speaks: 4 is MQTT 3.1.1, 5 is MQTT 5. Undefined until it is known. */
  readonly protocolLevel: 4 | 5 | undefined;
  /** The highest QoS that it takes. What clients send with 2 goes to one with 1 as QoS 1. */
  readonly maximumQoS: 1 | 2;
  /** A fresh transport on which the gateway sends CONNECT first. */
  connect(): Duplex;
  /**
   * False when a PUBLISH on `topic` would reach nobody at the engine: no subscriber, connected or with a
   * session. The gateway may then keep a message that is not retained to itself. A remote engine always says true.
   */
  wants(topic: string): boolean;
  /**
   * Whether a client that is connected now is subscribed to `topic`: what is published there by the platform with QoS 1
   * leaves at once, instead of waiting in sessions. Undefined where an engine can't be asked; `publish` says more then.
   */
  reaches(topic: string): boolean | undefined;
  /**
   * Publishes as the platform itself; resolves when the engine has taken responsibility (PUBACK).
   * @returns false when the engine has said that nobody is subscribed, connected or by a session that it keeps: then it
   * went nowhere. An engine that does not say so is believed to have somebody.
   */
  publish(message: PlatformMessage): Promise<boolean>;
  /**
   * Forgets a client's session and queue, and ends its connection if there still is one. `clientId` as the engine knows
   * it. An engine in another process may publish the will of a connection that it ends so: DISCONNECT comes first.
   */
  purge(clientId: string): Promise<void>;
  /**
   * What it means that a connection of `connect` has ended from its side, asked then. Never rejects, and takes a few
   * seconds at most.
   * @param isStopping it has said so itself
   */
  whyEnded(connection: Duplex, isStopping: boolean): Promise<EndedBy>;
  /** What operators see of it. */
  status(): EngineStatus;
}

/**
 * `client`: the engine goes on without it, and had its reason. `node`: the part of the engine that had it is gone, and it
 * may come back through another. `engine`: nothing of it is there, which says nothing of the client.
 */
export type EndedBy = 'client' | 'node' | 'engine';

export interface PlatformMessage {
  topic: string;
  payload: Uint8Array;
  qos: 0 | 1;
  retain: boolean;
  /** After which an engine that can need not deliver it any more. */
  expirySeconds?: number;
  /** Of MQTT 5, for subscribers that speak it: where to answer, and what the answer is known by. */
  responseTopic?: string;
  correlationData?: Uint8Array;
}

export interface EngineStatus {
  healthy: boolean;
  version: string;
  clients: number;
  retained: number;
  queued: number;
  /** Messages since the start that a session, or an organization's retained messages, had no room for. */
  dropped: number;
  /** What is wrong, in words: always when not healthy, and when it is by a part of its nodes only. */
  detail?: string;
  /** Of a cluster: how many nodes there are, and how many of them answer. */
  nodes?: { all: number; there: number };
}
