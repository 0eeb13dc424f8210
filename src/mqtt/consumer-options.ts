import type { Duplex } from 'node:stream';
import type { MemoryBudget } from '../service/memory-budget.ts';
import type { SharedRate } from '../service/shared-rate.ts';
import type { Pace } from './backoff.ts';
import type { Reason } from './reasons.ts';

export interface ConsumerOptions {
  /**
   * Opens the byte stream to the broker (TCP, TLS, WebSocket). Rejects with the reason; has to settle soon after
   * `signal` is aborted, for no other stream is opened before.
   */
  open(signal: AbortSignal): Promise<Duplex>;
  protocolVersion: 4 | 5;
  clientId: string;
  username?: string;
  password?: string | Buffer;
  /** 0 means none; then only TCP notices that a broker is gone. */
  keepAliveSeconds: number;
  /** Messages handed on and not acknowledged yet, at most; MQTT 5 brokers are told, as Receive Maximum. */
  receiveMaximum: number;
  /** How long an MQTT 5 broker keeps the session without us; a 3.1.1 broker does as it is set up. */
  sessionExpirySeconds: number;
  /** A session of before is forgotten, and this one not kept by a 3.1.1 broker either. Default false. */
  clean?: boolean;
  /** Topic filters to begin with, all with QoS 1. */
  subscriptions: readonly string[];
  /** Neither this nor `onState` or `onOversized` may throw. */
  onMessage(message: ReceivedMessage): void;
  onState(state: ConsumerState): void;
  /** Asked before every connection: whether this process is the one to make it. */
  mayConnect?(): boolean | Promise<boolean>;
  /**
   * A message of `bytes` came that is larger than `maxPacketBytes`. It was passed over and acknowledged, for the broker
   * would send it again with every connection. An MQTT 5 broker knows the limit and should send none.
   */
  onOversized?(topic: string, bytes: number): void;
  /** Default 1 MiB. */
  maxPacketBytes?: number;
  /** Payload bytes handed on and not acknowledged yet, at most, before no more is read; default 64 MiB. */
  maxUnacknowledgedBytes?: number;
  /** How soon it connects again. Default: as one may who is one of many and whose broker is somebody else's. */
  pace?: Pace;
  /** What several consumers hold unacknowledged together; spent, none of them reads on. */
  budget?: MemoryBudget;
  /** At which it may read, with others; spent, none of them reads on. What is read is to be taken from it. */
  rate?: SharedRate;
}

/** `acknowledge` is to be called for each message, also of QoS 0: it gives its place in the window back. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /** A copy that the broker kept, sent because we subscribed. */
  readonly retain: boolean;
  /** The broker has sent it before, on this connection or an earlier one. */
  readonly dup: boolean;
  /** 0 for QoS 0. */
  readonly packetId: number;
  /** MQTT 5's correlation data, unless it is longer than any of ours. */
  readonly correlation: Buffer | undefined;
  /** The connection that brought it has ended: unless it is acknowledged already, the broker sends it again. */
  readonly isOrphan: boolean;
  /** It is stored: PUBACK may go out. Without effect on the broker once the connection that brought it has ended. */
  acknowledge(): void;
}

export type ConsumerState =
  | { state: 'connecting' }
  /** Every filter was answered. */
  | {
      state: 'connected';
      sessionPresent: boolean;
      /** MQTT 5: what the broker takes of us unacknowledged. */
      serverReceiveMaximum: number | undefined;
      /** MQTT 5: the highest QoS that the broker takes of us. */
      maximumQoS: number | undefined;
      refused: RefusedFilter[];
      /** Filters that the broker granted with QoS 0 only: it does not keep their messages for us. */
      downgraded: string[];
    }
  | { state: 'retrying'; reason: Reason; detail?: string; code?: number; nextTryAt: number; cause?: unknown }
  /** CONNACK said no, and will say so again until something is changed. */
  | { state: 'refused'; reason: Reason; detail?: string; code: number; nextTryAt: number }
  | { state: 'stopped' };

export interface RefusedFilter {
  filter: string;
  /** Of SUBACK, 0x80 or above. */
  code: number;
  reason: Reason;
}
