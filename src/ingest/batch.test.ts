import { describe, expect, test } from 'vitest';
import { deviceRef, integration, message, signal, source } from '../../test/support/prepared-message.ts';
import type { ResolvedDevice } from '../database/devices-of-batch.ts';
import { assemble, DeviceForgotten, type LaneItem, markDuplicates } from './batch.ts';
import type { DeviceRef } from './device-registry.ts';
import type { PreparedMessage } from './prepare.ts';

const none = { resends: new Set<PreparedMessage>(), resolved: new Map<DeviceRef, ResolvedDevice>() };
const batchOf = (...items: LaneItem[]) => assemble(items, none);
const stateOf = (...items: LaneItem[]) => batchOf(...items).rows.devices[0]!;

describe('rows', () => {
  test('each reading of each message, in their order; each device once, by id', () => {
    const [one, two] = [deviceRef('one', 9), deviceRef('two', 3)];
    const messages = [
      message({ device: one, payload: '{"a":1}' }),
      message({ device: two, payload: '[{"b":1},{"b":2}]' }),
      message({ device: one, payload: '{"a":2}' }),
    ];
    const { rows, owners, outcomes } = batchOf(...messages);
    expect(rows.readings.map(({ telemetry }) => telemetry)).toEqual([
      '{"a":1}',
      '{"b":1}',
      '{"b":2}',
      '{"a":2}',
    ]);
    expect(owners).toEqual([messages[0], messages[1], messages[1], messages[2]]);
    expect(rows.devices.map(({ deviceId }) => deviceId[0])).toEqual([3, 9]);
    expect([...outcomes.values()]).toEqual(['stored', 'stored', 'stored']);
  });

  test('two references to one device make one row', () => {
    const { rows } = batchOf(
      message({ device: deviceRef('d', 1), payload: '{"a":1}' }),
      message({ device: deviceRef('d', 1), payload: '{"b":2}' }),
    );
    expect(rows.readings).toHaveLength(2);
    expect(rows.devices).toHaveLength(1);
    expect(JSON.parse(rows.devices[0]!.latest)).toMatchObject({ a: { value: 1 }, b: { value: 2 } });
  });

  test('a broken message goes to quarantine alone, under the same id when the batch is repeated', () => {
    const device = deviceRef('d', 1);
    const items = [message({ device, payload: 'broken' }), message({ device, payload: '{"a":1}' })];
    const [first, second] = [batchOf(...items), batchOf(...items)];
    expect(first.rows.quarantined).toMatchObject([
      { reason: 'not_understood', externalDeviceId: 'd', payload: Buffer.from('broken'), qos: 1 },
    ]);
    expect(first.rows.readings).toHaveLength(1);
    expect(second.rows).toEqual(first.rows);
    expect([...first.outcomes.values()]).toEqual(['quarantined', 'stored']);
  });

  test('a reading that a broker had kept is a row and the latest value, but no sign of life', () => {
    const device = deviceRef('d', 1);
    const kept = message({ device, payload: '{"a":1,"ts":"2026-07-01T00:00:00Z"}', isRetainedCopy: true });
    const { rows } = batchOf(kept);
    expect(rows.readings).toHaveLength(1);
    expect(rows.devices[0]).toMatchObject({
      lastMessageAt: undefined,
      usualIntervalMs: undefined,
      presence: undefined,
    });
    expect(JSON.parse(rows.devices[0]!.latest)).toMatchObject({ a: { value: 1 } });
  });

  test('a resend is no row, and no sign of life', () => {
    const device = deviceRef('d', 1);
    const again = message({ device, payload: '{"a":1}', dup: true });
    const { rows, outcomes } = assemble([again], { ...none, resends: new Set([again]) });
    expect(rows).toEqual({ readings: [], devices: [], quarantined: [], messageKeys: [], messageIds: [] });
    expect([...outcomes.values()]).toEqual(['duplicate']);
  });
});

describe('devices that are not known', () => {
  test('of one that was found the batch’s own look-up counts, and is remembered after the commit only', () => {
    const device = deviceRef('d');
    const found = { id: Buffer.alloc(16, 7), usualIntervalMs: 5000, lastReportAt: undefined };
    const batch = assemble([message({ device, payload: '{"a":1}' })], {
      ...none,
      resolved: new Map([[device, found]]),
    });
    expect(batch.rows.readings[0]!.deviceId).toEqual(found.id);
    expect(device.id).toBeUndefined();
    batch.committed();
    expect(device).toMatchObject({ id: found.id, usualIntervalMs: 5000 });
  });

  test('of one that may not be registered the messages go to quarantine, its connection nowhere', () => {
    const device = deviceRef('d');
    const resolved = new Map([[device, { refusal: 'device_limit' as const }]]);
    const batch = assemble([signal(device, 'connected'), message({ device, payload: '{"a":1}' })], {
      ...none,
      resolved,
    });
    expect(batch.rows.devices).toEqual([]);
    expect(batch.rows.readings).toEqual([]);
    expect(batch.rows.quarantined).toMatchObject([{ reason: 'device_limit' }]);
  });

  test('of one that was forgotten since nothing is guessed: it is asked for again', () => {
    expect(() => batchOf(message({ device: deviceRef('d'), payload: '{"a":1}' }))).toThrow(DeviceForgotten);
  });
});

describe('what is known of a device', () => {
  test('latest is the newest by its own time, value by value', () => {
    const device = deviceRef('d', 1);
    const at = (minute: number, values: object) =>
      message({ device, payload: JSON.stringify({ ts: `2026-11-22T00:0${minute}:00Z`, ...values }) });
    const row = stateOf(at(5, { a: 5, b: 5 }), at(9, { a: 9 }), at(1, { a: 1, b: 1, c: 1 }));
    expect(JSON.parse(row.latest)).toMatchObject({ a: { value: 9 }, b: { value: 5 }, c: { value: 1 } });
    const minute = (number: number) => Date.UTC(2026, 10, 22, 0, number) * 1000;
    expect([row.oldestLatest, row.newestLatest]).toEqual([minute(1), minute(9)]);
  });

  test('the last word on presence wins', () => {
    const device = deviceRef('d', 1);
    const says = (payload: string) => message({ device, payload, channel: 'status' });
    expect(stateOf(says('online'), says('offline'))).toMatchObject({
      presence: 'offline',
      status: 'offline',
    });
    expect(stateOf(says('offline'), message({ device, payload: '{"a":1}' }))).toMatchObject({
      presence: 'online',
      status: 'offline',
    });
    expect(stateOf(signal(device, 'connected'), signal(device, 'lost'))).toMatchObject({
      presence: 'offline',
      presenceReason: 'connection_lost',
    });
    expect(stateOf(message({ device, payload: '{"a":1}' }), signal(device, 'closed')).presence).toBe(
      'online',
    );
  });

  test('the end of a connection says nothing when another has spoken since', () => {
    const device = deviceRef('d', 1);
    const [first, second] = [source('first', 1), source('second', 2)];
    for (const ending of ['lost', 'closed'] as const) {
      const row = stateOf(
        message({ device, payload: '{"a":1}', from: first }),
        message({ device, payload: '{"a":2}', from: second }),
        signal(device, ending, first),
      );
      expect(row).toMatchObject({ presence: 'online', connectionId: second.connectionId });
      expect(row.connection).toBeUndefined();
    }
  });

  test('its usual interval moves with the commit, however often the batch is tried', () => {
    const device = deviceRef('d', 1);
    const items = [1, 2, 3].map((n) => message({ device, payload: `{"n":${n}}` }));
    const tries = [batchOf(...items), batchOf(...items), batchOf(...items)];
    expect(new Set(tries.map(({ rows }) => rows.devices[0]!.usualIntervalMs))).toEqual(new Set([1000]));
    expect(device.usualIntervalMs).toBeUndefined();
    tries.at(-1)!.committed();
    expect(device).toMatchObject({ usualIntervalMs: 1000, lastReportAt: items.at(-1)!.message.receivedAt });
  });
});

test('a message is a duplicate when all of its readings are', () => {
  const device = deviceRef('d', 1);
  const [whole, half] = [
    message({ device, payload: '[{"n":1},{"n":2}]' }),
    message({ device, payload: '[{"n":3},{"n":4}]' }),
  ];
  const batch = batchOf(whole, half);
  markDuplicates(batch, [0, 1, 3]);
  expect(batch.outcomes.get(whole)).toBe('duplicate');
  expect(batch.outcomes.get(half)).toBe('stored');
  expect(whole.message.source.integration).toBe(integration);
});
