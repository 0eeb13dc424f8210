import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Logger } from '../service/log.ts';

/** Lines for people at a terminal, JSON for whatever else reads. Errors are written with their stack. */
export function createLog(level: string): Logger {
  const options = { level, base: null, serializers: { error: pino.stdSerializers.err } };
  if (!process.stdout.isTTY) return pino(options, process.stdout) as Logger;
  return pino(
    options,
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', destination: process.stdout }),
  ) as Logger;
}
