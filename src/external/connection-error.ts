import type { ConnectionProblem, ConnectionStepName } from '../contract/connection-test.ts';
import type { BrokerScheme } from '../domain/broker-url.ts';

/** Where and with what a connection to a customer's broker was tried. No secret is in it. */
export interface Attempted {
  step: ConnectionStepName;
  scheme: BrokerScheme;
  host: string;
  port: number;
  hasCa: boolean;
  hasClientCertificate: boolean;
}

/** A step on the way to a customer's broker failed; `cause` says why, and `problemOf` puts it in words. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly attempted: Attempted;

  constructor(attempted: Attempted, cause: unknown) {
    super(`${attempted.step} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.attempted = attempted;
  }
}

/** An error that knows its own words. */
export class KnownProblem extends Error {
  override readonly name = 'KnownProblem';
  readonly problem: ConnectionProblem;

  constructor(problem: ConnectionProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** The other side ended the connection, without a word on why. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
  readonly code = 'ECONNRESET';
}

/** The bytes that came first are not MQTT's. */
export class NotMqtt extends Error {
  override readonly name = 'NotMqtt';
  readonly answered: 'http' | 'tls' | 'other';

  constructor(answered: 'http' | 'tls' | 'other') {
    super(`not MQTT but ${answered}`);
    this.answered = answered;
  }
}
