import { expect, test } from 'vitest';
import { kills, rolesUnderLoad, rollingRestart } from '../soak/roles.ts';

test('roles are restarted, gateways, Mosquitto and PostgreSQL killed under load: each message is once there, in order', {
  timeout: 120_000,
}, async () => {
  let atHalf = 0;
  const result = await rolesUnderLoad({
    messages: 14_400,
    rate: 400,
    clients: 12,
    async trouble(target) {
      await rollingRestart(target);
      atHalf = target.disconnects();
      await kills({ seconds: 12, everySeconds: 3, downSeconds: 0.2 })(target);
    },
  });
  expect(result.differences).toEqual([]);
  // Every gateway had clients, and so had the engine; in either half.
  expect(atHalf).toBeGreaterThanOrEqual(24);
  expect(result.disconnects - atHalf).toBeGreaterThanOrEqual(12);
  expect(result.resent).toBeGreaterThan(0);
});
