import type { Logger } from '../service/log.ts';
import type { Config } from './config.ts';
import { type RunningProcess, startProcess } from './process.ts';

/** The platform, running whole in this process. */
export interface RunningPlatform extends RunningProcess {
  mqttUrl: string;
}

/**
 * Starts the platform with all its roles.
 * @throws StartupError with one line for the person who starts it
 */
export async function startPlatform(config: Config, log: Logger): Promise<RunningPlatform> {
  const running = await startProcess(config, log);
  return { ...running, mqttUrl: running.mqttUrl! };
}
