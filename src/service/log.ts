/**
 * What the rest of the code needs of a logger; `main` passes pino's. Secrets and payloads never go in:
 * name the thing (id, topic, count), not its content.
 */
export interface Logger {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** A logger that says nothing, for tests and tools. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };
