import { describe, expect, it } from 'vitest';
import { decoderFor } from '../decode/index.ts';
import type { DecodedReading } from '../domain/reading.ts';
import { parseTime } from '../domain/time.ts';
import { type DeviceKind, type SimulatedDevice, simulatedDevice } from './device.ts';

const START = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const fleet = (seed: number, outagesPerHour = 0) =>
  Array.from({ length: 10 }, (_, index) => simulatedDevice({ seed, index, outagesPerHour }));

function one(kind: DeviceKind): SimulatedDevice {
  return fleet(7).find((device) => device.kind === kind)!;
}

function decoded(payload: string): DecodedReading {
  const result = decoderFor('auto')!({ payload: Buffer.from(payload), topic: '', lastLevel: '' });
  if (!result.ok) throw new Error(result.detail);
  expect(result.readings).toHaveLength(1);
  return result.readings[0]!;
}

/** What a device writes every minute for so many days. */
function history(device: SimulatedDevice, days: number): DecodedReading['values'][] {
  const minutes = (days * DAY) / MINUTE;
  return Array.from(
    { length: minutes },
    (_, minute) => decoded(device.payload(START + minute * MINUTE)).values,
  );
}

const numbers = (values: DecodedReading['values'][], name: string) =>
  values.map((each) => each[name] as number);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function correlation(a: number[], b: number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const together = mean(a.map((value, index) => (value - meanA) * (b[index]! - meanB)));
  const spread = (values: number[], around: number) =>
    Math.sqrt(mean(values.map((value) => (value - around) ** 2)));
  return together / (spread(a, meanA) * spread(b, meanB));
}

describe('a simulated fleet', () => {
  it('is the same for the same seed, and another for another', () => {
    const hour = (seed: number) =>
      fleet(seed, 10).flatMap((device) =>
        Array.from({ length: 60 }, (_, minute) => {
          const time = START + minute * MINUTE;
          return `${device.externalDeviceId} ${device.condition(time).is} ${device.payload(time)}`;
        }),
      );
    expect(hour(1)).toEqual(hour(1));
    expect(hour(1)).not.toEqual(hour(2));
    const [first, , , fourth] = fleet(1);
    expect(first!.payload(START)).not.toBe(fourth!.payload(START));
  });

  it('has every kind, each under a name of its own', () => {
    const devices = fleet(1);
    expect(new Set(devices.map((device) => device.kind)).size).toBe(5);
    expect(new Set(devices.map((device) => device.externalDeviceId)).size).toBe(10);
  });

  it('states its times in milliseconds, in seconds, as ISO 8601, or not at all', () => {
    const time = START + 1_234;
    const stated = (kind: DeviceKind) => decoded(one(kind).payload(time)).time;
    expect(stated('freezer')).toBe(time);
    expect(stated('weather')).toBe(Math.floor(time / 1000));
    expect(stated('room')).toBe(new Date(time).toISOString());
    expect(parseTime(stated('pump')!)).toBe(time * 1000);
    expect(stated('door')).toBeUndefined();
  });
});

describe('its values', () => {
  it('follow the day, and damp air is cool air', () => {
    const room = history(one('room'), 3);
    const temperature = numbers(room, 'temperature');
    const atHour = (hour: number) =>
      mean(temperature.filter((_, minute) => Math.floor(minute / 60) % 24 === hour));
    expect(atHour(15) - atHour(3)).toBeGreaterThan(1.5);
    expect(correlation(temperature, numbers(room, 'humidity'))).toBeLessThan(-0.6);
    expect(Math.min(...temperature)).toBeGreaterThan(14);
    expect(Math.max(...temperature)).toBeLessThan(30);
  });

  it('step: doors open and close, pumps run and rest, and the rest follows', () => {
    const freezer = history(one('freezer'), 1);
    const temperature = (door: string) =>
      mean(
        numbers(
          freezer.filter((each) => each.door === door),
          'temperature',
        ),
      );
    expect(temperature('open')).toBeGreaterThan(temperature('closed'));
    const pump = history(one('pump'), 1);
    const flow = (running: boolean) =>
      mean(
        numbers(
          pump.filter((each) => each.running === running),
          'flow',
        ),
      );
    expect(flow(true)).toBeGreaterThan(70);
    expect(flow(false)).toBe(0);
    const openings = numbers(history(one('door'), 1), 'openings');
    expect(openings.at(-1)).toBeGreaterThan(20);
    expect(openings).toEqual([...openings].sort((a, b) => a - b));
  });

  it('use up batteries, which somebody replaces', () => {
    const battery = numbers(history(one('door'), 9), 'battery');
    const steps = battery.slice(1).map((level, index) => level - battery[index]!);
    const replaced = steps.filter((step) => step > 0);
    expect(replaced.length).toBeGreaterThan(0);
    expect(Math.min(...replaced)).toBeGreaterThan(90);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(-1);
    expect(Math.min(...battery)).toBeGreaterThan(0);
  });
});

describe('its failures', () => {
  const conditions = (outagesPerHour: number) => {
    const [device] = fleet(3, outagesPerHour);
    return Array.from({ length: (10 * DAY) / 10_000 }, (_, step) => device!.condition(START + step * 10_000));
  };

  it('come as often as asked for, and pass', () => {
    const seen = conditions(4).map(({ is }) => is);
    const begun = seen.filter((is, step) => is !== 'well' && seen[step - 1] === 'well').length;
    expect(begun / 240).toBeGreaterThan(3);
    expect(begun / 240).toBeLessThan(4.5);
    expect(new Set(seen)).toEqual(new Set(['well', 'silent', 'cut']));
    expect(seen.filter((is) => is === 'well').length / seen.length).toBeGreaterThan(0.85);
  });

  it('say when they are over', () => {
    const [device] = fleet(3, 60);
    let time = START;
    for (let change = 0; change < 100; change += 1) {
      const { is, until } = device!.condition(time);
      expect(until).toBeGreaterThan(time);
      if (is !== 'well') expect(until - time).toBeLessThanOrEqual(2 * MINUTE);
      time = until;
    }
  });

  it('can be had without', () => {
    expect(conditions(0).every(({ is, until }) => is === 'well' && until === Number.POSITIVE_INFINITY)).toBe(
      true,
    );
  });
});
