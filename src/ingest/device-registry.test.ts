import { expect, test } from 'vitest';
import { integration } from '../../test/support/prepared-message.ts';
import { DeviceRegistry } from './device-registry.ts';

const another = { ...integration, id: '33333333-1111-4111-8111-111111111111' };

test('a device that several integrations speak for is asked for again by each when it changes', () => {
  const registry = new DeviceRegistry();
  const refs = [integration, another].map((rules) => registry.ref(rules, 'gate'));
  const setIds = () => {
    for (const ref of refs) ref.id = Buffer.alloc(16, 1);
  };
  expect([integration, another].map((rules) => registry.ref(rules, 'gate'))).toEqual(refs);
  setIds();
  registry.changed(integration.organizationId, 'gate');
  expect(refs.map(({ id }) => id)).toEqual([undefined, undefined]);
  setIds();
  registry.allChanged();
  expect(refs.map(({ id }) => id)).toEqual([undefined, undefined]);
});

test('of an integration that was edited there is one reference', () => {
  const registry = new DeviceRegistry();
  const before = registry.ref(integration, 'gate');
  const edited = { ...integration };
  expect(registry.ref(edited, 'gate')).not.toBe(before);
  expect(registry.ref(edited, 'gate')).toBe(registry.ref(edited, 'gate'));
});
