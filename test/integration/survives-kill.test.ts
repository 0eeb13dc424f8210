import { expect, test } from 'vitest';
import { killUnderLoad } from '../soak/kill.ts';

test.each(['platform', 'both', 'postgres'] as const)(
  'kill -9 in the middle of QoS 1 messages (%s): each is stored once, whatever it says of its time',
  { timeout: 60_000 },
  async (victim) => {
    const result = await killUnderLoad({
      victim,
      messages: 6000,
      clients: 20,
      kills: victim === 'platform' ? 3 : 2,
    });
    expect(result.differences).toEqual([]);
    expect(result.undelivered).toBe(0);
    // Stored, never acknowledged, resent, and told from new ones: else there would be differences.
    if (victim === 'platform') expect(result.storedOnly).toBeGreaterThan(0);
    // Else it was not in the middle of anything. A postmaster's end disconnects nobody.
    if (victim === 'postgres') expect(result).toMatchObject({ resent: 0, disconnects: 0 });
    else expect(result.resent).toBeGreaterThan(0);
    for (const recovery of result.recoveries) expect(recovery).toBeLessThan(20_000);
  },
);
