import type { Logger } from './log.ts';
import { within } from './within.ts';

/**
 * Everything long-lived starts and stops alike. `stop` is idempotent, safe before `start`,
 * and resolves only when what was under way has ended.
 */
export interface Service {
  readonly name: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** How long all services together may take to stop, in milliseconds, before each gets no more than a moment. */
const STOP_MS = 10_000;
const MOMENT_MS = 500;

/**
 * Starts services in order and stops them in reverse. When one fails to start, those already
 * running are stopped and its error is thrown. A service that fails to stop, or takes too long because what it
 * waits for is away, is logged and does not keep the ones below it from stopping.
 */
export function inOrder(services: readonly Service[], log: Logger, stopMs = STOP_MS): Service {
  const running: Service[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    const deadline = performance.now() + stopMs;
    for (let service = running.pop(); service; service = running.pop()) {
      const started = performance.now();
      try {
        await within(Math.max(MOMENT_MS, deadline - started), service.stop());
        log.debug({ service: service.name, ms: Math.round(performance.now() - started) }, 'stopped');
      } catch (error) {
        log.error({ service: service.name, error: String(error) }, 'could not stop cleanly');
      }
    }
  }

  return {
    name: 'all',
    async start() {
      for (const service of services) {
        try {
          await service.start();
          running.push(service);
        } catch (error) {
          await stopAll();
          throw error;
        }
      }
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
}
