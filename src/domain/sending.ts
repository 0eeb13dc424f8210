import type { CommandReason } from './command.ts';
import type { CommandForm } from './command-message.ts';

/** A command whose turn it is, with all that must be known to send it. */
export interface OutgoingCommand {
  id: string;
  organizationId: string;
  deviceId: string;
  externalDeviceId: string;
  name: string;
  params: unknown;
  /** ISO 8601. */
  expiresAt: string;
  /** How often it was tried before. */
  attempts: number;
  /** Undefined: the device is on the hosted broker, with its own topic. */
  integration: CommandIntegration | undefined;
}

/** The customer's integration that a device belongs to. */
export interface CommandIntegration {
  id: string;
  mode: 'webhook' | 'subscribe' | 'bridge' | 'forward';
  enabled: boolean;
  commands: CommandForm | undefined;
}

/** What came of trying to send one. */
export type Sent =
  /** The broker has confirmed it. */
  | { outcome: 'published' }
  /** Nobody is there who would get it; whoever knows of it says when somebody is. */
  | { outcome: 'away' }
  /** To be tried again; at most so often, without a bound until it expires. */
  | { outcome: 'retry'; reason: CommandReason; detail: string; most?: number }
  | { outcome: 'undeliverable'; reason: CommandReason; detail: string };

/** Sends one command. Never rejects. */
export type SendCommand = (command: OutgoingCommand) => Promise<Sent>;
