import { expect, test } from 'vitest';
import { type Ending, restartUnderLoad } from '../soak/restart.ts';

const endings: Ending[] = ['Ctrl-C', 'SIGTERM', 'disconnect', 'kill -9'];

test.each(endings)('after %s under load everything is still there', { timeout: 60_000 }, async (ending) => {
  const result = await restartUnderLoad({ ending, messages: 3000, clients: 20 });
  expect(result).toMatchObject({
    presence: ['online', 'unknown', 'online'],
    statuses: [],
    retained: ['keep me'],
    queued: Array.from({ length: 50 }, (_, n) => `note ${n}`),
    differences: [],
  });
  expect(result.started).toBeLessThan(10_000);
  if (ending === 'kill -9') {
    expect(result.warnings.length).toBeLessThanOrEqual(1);
    return;
  }
  expect(result.exit).toEqual({ code: 0, signal: null });
  expect(result.stopped).toBeLessThan(5000);
  expect(result).toMatchObject({
    postgresIsGone: true,
    lastWords: 'database system is shut down',
    warnings: [],
  });
});
