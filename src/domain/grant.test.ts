import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { engineClientId, type Grant, mayPublish, maySubscribe } from './grant.ts';

const a = '11111111-1111-4111-8111-111111111111';
const b = '22222222-2222-4222-8222-222222222222';
const organization: Grant = { organizationId: a, externalDeviceId: undefined };
const device: Grant = { organizationId: a, externalDeviceId: 'd1' };

describe('publish', () => {
  const cases: [string, boolean, boolean][] = [
    // topic, the organization's credential, the device's own
    [`org_${a}/devices/d1/telemetry`, true, true],
    [`org_${a}/devices/d1/telemetry/x/y`, true, true],
    [`org_${a}/devices/d1/status`, true, true],
    [`org_${a}/devices/d1/anything`, true, true],
    [`org_${a}/devices/d1`, true, true],
    [`org_${a}/devices/d1/commands`, true, false],
    [`org_${a}/devices/d1/commands/x`, true, false],
    [`org_${a}/devices/d2/telemetry`, true, false],
    [`org_${a}/devices/d11/telemetry`, true, false],
    [`org_${a}/devices//telemetry`, false, false],
    [`org_${a}/devices/`, false, false],
    [`org_${a}/devices`, false, false],
    [`org_${a}/other`, false, false],
    [`org_${b}/devices/d1/telemetry`, false, false],
    [`/org_${a}/devices/d1/telemetry`, false, false],
    [`$SYS/broker`, false, false],
  ];
  test.each(cases)('%s', (topic, byOrganization, byDevice) => {
    expect(mayPublish(organization, topic)).toBe(byOrganization);
    expect(mayPublish(device, topic)).toBe(byDevice);
  });
});

describe('subscribe', () => {
  const cases: [string, boolean, boolean][] = [
    [`org_${a}/devices/#`, true, false],
    [`org_${a}/devices/+/telemetry`, true, false],
    [`org_${a}/devices/d1/#`, true, true],
    [`org_${a}/devices/d1/commands`, true, true],
    [`org_${a}/devices/d2/commands`, true, false],
    [`$share/g/org_${a}/devices/d1/#`, true, true],
    [`$share/g/org_${a}/devices/#`, true, false],
    [`$share/g/org_${b}/devices/#`, false, false],
    [`$share/g/#`, false, false],
    [`$share/+/org_${a}/devices/#`, false, false],
    [`org_${b}/devices/#`, false, false],
    [`org_${a}/#`, false, false],
    [`org_${a}/+/d1/#`, false, false],
    ['+/devices/d1/#', false, false],
    ['#', false, false],
    ['+/+/+/+', false, false],
    ['$SYS/#', false, false],
    ['', false, false],
    [`org_${a}/devices/d1/#/x`, false, false],
  ];
  test.each(cases)('%s', (filter, byOrganization, byDevice) => {
    expect(maySubscribe(organization, filter)).toBe(byOrganization);
    expect(maySubscribe(device, filter)).toBe(byDevice);
  });
});

test('the client ids of organizations and of devices are their own', () => {
  expect(engineClientId(organization, 'x')).toBe(`${a}:x`);
  expect(engineClientId(device, 'x')).toBe(`${a}:d1/x`);

  const clientId = fc.string({ unit: fc.constantFrom('d', '1', '/', ':', 'x'), maxLength: 6 });
  const owner = fc.constantFrom(organization, device, { organizationId: a, externalDeviceId: 'd' });
  fc.assert(
    fc.property(owner, clientId, owner, clientId, (one, ofOne, other, ofOther) => {
      const isSame = one === other && ofOne === ofOther;
      expect(engineClientId(one, ofOne) === engineClientId(other, ofOther)).toBe(isSame);
    }),
    { numRuns: 5000 },
  );
});
