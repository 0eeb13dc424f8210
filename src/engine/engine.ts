import type { Duplex } from 'node:stream';

/**
 * A broker behind the gateway. The gateway speaks MQTT to it over one connection per device
 * connection, has authenticated the client, rewritten its client id to `{organization id}:{client id}`
 * and its user name to `org_{organization id}`, and forwards nothing that is not granted.
 */
export interface Engine {
  readonly name: 'embedded' | 'mosquitto' | 'remote';
  /** The newest protocol level the engine speaks: 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly protocolLevel: 4 | 5;
  /** A fresh transport on which the gateway sends CONNECT first. */
  connect(): Duplex;
  /**
   * False when a PUBLISH on `topic` would reach nobody at the engine: no subscriber, connected or with a
   * session. The gateway may then keep a message that is not retained to itself. A remote engine always says true.
   */
  wants(topic: string): boolean;
  /**
   * Whether a client that is connected now is subscribed to `topic`: what is published there by the platform with QoS 1
   * leaves at once, instead of waiting in sessions.
   */
  reaches(topic: string): boolean;
  /** Publishes as the platform itself; resolves when the engine has taken responsibility (PUBACK). */
  publish(message: { topic: string; payload: Uint8Array; qos: 0 | 1; retain: boolean }): Promise<void>;
  /** Ends a client's connection without its will, and forgets its session and queue. `clientId` as the engine knows it. */
  purge(clientId: string): Promise<void>;
  /** What operators see of it. */
  status(): EngineStatus;
}

export interface EngineStatus {
  healthy: boolean;
  version: string;
  clients: number;
  retained: number;
  queued: number;
  /** Messages since the start that a session, or an organization's retained messages, had no room for. */
  dropped: number;
  /** What is wrong, in words, when not healthy. */
  detail?: string;
}
