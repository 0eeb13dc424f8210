import { expect, test } from 'vitest';
import { DeviceRegistry } from '../ingest/device-registry.ts';
import { createSeal } from '../service/seal.ts';
import { KnownIntegration } from './directory.ts';
import { RouteMemory } from './route-memory.ts';

const routes = new RouteMemory(100);
const known = (id: string) =>
  new KnownIntegration(
    {
      ...{ id, organizationId: '22222222-2222-4222-8222-222222222222', name: 'Plant', mode: 'webhook' },
      ...{ enabled: true, decoder: 'auto', decoderSettings: null, expectedTopics: [{ topic: 'a/+' }] },
      ...{ configuration: {}, sealedSecrets: null, hostSettings: null, autoRegister: true, deviceLimit: 10 },
      tokens: [],
    },
    { devices: new DeviceRegistry(), seal: createSeal(undefined), routes },
  );

test('topics are remembered, and of all integrations together no more than fit', () => {
  const plants = ['1', '2', '3'].map((n) => known(`${n.repeat(8)}-1111-4111-8111-111111111111`));
  const first = plants.map((plant) => [...Array(45).keys()].map((n) => plant.routeOf(`a/${n}`)));
  const kept = (at: number) =>
    first[at]!.filter((route, n) => plants[at]!.routeOf(`a/${n}`) === route).length;
  expect([kept(2), kept(1), kept(0)]).toEqual([45, 45, 0]);
});

test('a topic that is very long is looked at each time', () => {
  const plant = known('44444444-1111-4111-8111-111111111111');
  const topic = `a/${'x'.repeat(2000)}`;
  expect(plant.routeOf(topic)).not.toBe(plant.routeOf(topic));
  expect(plant.routeOf('a/x')).toBe(plant.routeOf('a/x'));
});
