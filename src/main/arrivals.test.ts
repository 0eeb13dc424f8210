import { expect, test } from 'vitest';
import { Arrivals } from './arrivals.ts';

const device = { organizationId: 'o', externalDeviceId: 'd' };
const all = { organizationId: 'o' };

test('a device has come when it was heard of since it was last tried', () => {
  const arrivals = new Arrivals();
  expect(arrivals.hasCome(device)).toBe(false);
  arrivals.came(device);
  expect(arrivals.hasCome(device)).toBe(true);
  arrivals.tried(device);
  expect(arrivals.hasCome(device)).toBe(false);
  arrivals.came({ organizationId: 'o', externalDeviceId: 'another' });
  arrivals.came({ organizationId: 'p' });
  expect(arrivals.hasCome(device)).toBe(false);
  arrivals.came(all);
  expect(arrivals.hasCome(device)).toBe(true);
  arrivals.tried(device);
  expect(arrivals.hasCome(device)).toBe(false);
});

test('it forgets the oldest', () => {
  const arrivals = new Arrivals();
  arrivals.came(device);
  for (let n = 0; n < 100_000; n += 1) arrivals.came({ organizationId: 'o', externalDeviceId: `${n}` });
  expect(arrivals.hasCome(device)).toBe(false);
  expect(arrivals.hasCome({ organizationId: 'o', externalDeviceId: '0' })).toBe(true);
});
