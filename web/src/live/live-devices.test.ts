import { expect, it } from 'vitest';
import type { Device } from '../api/types.ts';
import { LiveDevices, withLive } from './live-devices.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 18, 0, second)).toISOString();
const device: Device = {
  id: 'a',
  external_device_id: 'tank-1',
  name: 'Tank 1',
  integration_id: null,
  device_type_id: null,
  tags: [],
  presence: 'offline',
  presence_since: at(0),
  presence_reason: 'status_offline',
  last_seen_at: at(1),
  usual_interval_ms: null,
  latest: { level: { value: 1, recorded_at: at(10) }, mode: { value: 'fill', recorded_at: at(1) } },
  created_at: at(0),
};
const reading = (second: number, telemetry: Record<string, number | string>) => ({
  device_id: 'a',
  recorded_at: at(second),
  received_at: at(second),
  telemetry,
});
const presence = (second: number) => ({
  device_id: 'a',
  external_device_id: 'tank-1',
  presence: 'online' as const,
  since: at(second),
  reason: 'message',
  last_seen_at: null,
});

it('keeps each metric’s latest by recorded time, whatever arrives last', () => {
  const live = new LiveDevices(() => {});
  live.reading(reading(20, { level: 3 }));
  live.reading(reading(5, { level: 2, mode: 'drain' }));
  const now = withLive(device, live.get('a'));
  expect(now.latest).toEqual({
    level: { value: 3, recorded_at: at(20) },
    mode: { value: 'drain', recorded_at: at(5) },
  });
  expect(now.last_seen_at).toBe(at(20));
});

it('lets an answer that is newer than the events stand', () => {
  const live = new LiveDevices(() => {});
  live.presence(presence(0));
  live.reading(reading(4, { level: 2 }));
  const answered: Device = { ...device, presence_since: at(30) };
  expect(withLive(answered, live.get('a'))).toMatchObject({
    presence: 'offline',
    latest: { level: { value: 1 } },
  });
});

it('tells only those who listen to the device, once a flush', () => {
  let flush = () => {};
  const live = new LiveDevices((scheduled) => {
    flush = scheduled;
  });
  let calls = 0;
  const end = live.subscribe('a', () => {
    calls += 1;
  });
  live.reading(reading(1, { level: 1 }));
  live.presence(presence(2));
  live.reading({ ...reading(1, { level: 1 }), device_id: 'b' });
  flush();
  expect(calls).toBe(1);
  end();
  live.reading(reading(3, { level: 1 }));
  flush();
  expect(calls).toBe(1);
});
