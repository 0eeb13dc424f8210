import { expect, test } from 'vitest';
import { outageUnderLoad } from '../soak/outage.ts';

test.each(['stopped', 'frozen'] as const)(
  'the database is %s for five seconds under load: nothing is lost, nobody is disconnected, everybody is told',
  { timeout: 60_000 },
  async (how) => {
    const load = { clients: 10, rate: 500, keepAlive: 2 };
    const { answers, ...result } = await outageUnderLoad({ how, seconds: 6, ...load });
    expect(result).toMatchObject({ differences: [], disconnects: 0, unanswered: 0 });
    const away = /^503 application\/problem\+json retry after \d+ /;
    expect(answers).toEqual({
      '/health': expect.stringMatching(/^200 /),
      '/ready': expect.stringMatching(away),
      '/api/v1/platform': expect.stringMatching(away),
      '/api/v1/organizations/{org}/devices': expect.stringMatching(away),
      known: expect.stringMatching(/^in in [0-2]\./),
      unknown: expect.stringMatching(/^refused with 3 /),
    });
    expect(result.memory.most - result.memory.before).toBeLessThan(150);
    expect(result.caughtUp).toBeLessThan(5000);
    expect(result.latency.after).toBeLessThan(100);
  },
);
