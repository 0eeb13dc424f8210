import { commandTaker, type Step } from './commands.ts';
import { type Random, seededRandom } from './random.ts';
import { battery, dailyCurve, drift, episodes, inert } from './signals.ts';

export type DeviceKind = 'room' | 'freezer' | 'door' | 'pump' | 'weather';
/** Whether a device speaks, is `silent` with its connection up, or has lost it: `cut`. */
export type Condition = 'well' | 'silent' | 'cut';

/** A device without its connection: all that it would say and when it would fail. Times are milliseconds since 1970 and must not go back. */
export interface SimulatedDevice {
  readonly externalDeviceId: string;
  readonly kind: DeviceKind;
  /** Its telemetry at that time, as it would write it. */
  payload(time: number): string;
  /** How it is, and until when. */
  condition(time: number): { is: Condition; until: number };
  /** What it does with what came on its commands. */
  command(payload: Uint8Array, time: number): Step[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A fleet in small: of ten devices these. */
const kinds: DeviceKind[] = [
  'room',
  'freezer',
  'door',
  'room',
  'pump',
  'weather',
  'room',
  'freezer',
  'door',
  'room',
];

const writers: Record<DeviceKind, (device: { id: string; random: Random }) => (time: number) => object> = {
  room,
  freezer,
  door,
  pump,
  weather,
};

/**
 * The device of that number in the fleet of that seed.
 * @param device.outagesPerHour how often it fails, on average; 0 for never
 */
export function simulatedDevice(device: {
  seed: number;
  index: number;
  outagesPerHour: number;
}): SimulatedDevice {
  const { seed, index, outagesPerHour } = device;
  const kind = kinds[index % kinds.length]!;
  const externalDeviceId = `${kind}-${String(index + 1).padStart(3, '0')}`;
  const write = writers[kind]({ id: externalDeviceId, random: seededRandom(seed, index, 1) });
  return {
    externalDeviceId,
    kind,
    payload: (time) => JSON.stringify(write(time)),
    condition: conditions(seededRandom(seed, index, 2), outagesPerHour),
    command: commandTaker(seededRandom(seed, index, 3)),
  };
}

/** Half a minute to two minutes of failure now and then, silence and a lost connection in turn at random. */
function conditions(random: Random, perHour: number): SimulatedDevice['condition'] {
  const wait = () => (perHour > 0 ? random.wait(HOUR / perHour) : Number.POSITIVE_INFINITY);
  let is: Condition = 'well';
  let until: number | undefined;
  return (time) => {
    until ??= time + wait();
    while (until <= time) {
      is = is === 'well' ? (random.uniform() < 0.5 ? 'silent' : 'cut') : 'well';
      until += is === 'well' ? wait() : random.between(MINUTE / 2, 2 * MINUTE);
    }
    return { is, until };
  };
}

/** States its time in ISO 8601. Damp air is cool air. */
function room({ random }: { random: Random }) {
  const base = random.between(19.5, 22.5);
  const warmth = drift(random, 0.5, 2 * HOUR);
  const damp = drift(random, 1.5, 3 * HOUR);
  const people = episodes(random, { on: 45 * MINUTE, off: 90 * MINUTE });
  const breath = inert(450, 20 * MINUTE);
  const power = battery(random, random.between(24, 96) * HOUR);
  return (time: number) => {
    const above = 1.4 * dailyCurve(time) + warmth.at(time);
    return {
      time: new Date(time).toISOString(),
      temperature: round(base + above + 0.04 * random.normal(), 2),
      humidity: round(clamp(46 - 4 * above + damp.at(time) + 0.2 * random.normal(), 15, 95), 1),
      co2: Math.round(breath.towards(people.at(time) ? 1150 : 430, time) + 6 * random.normal()),
      battery: power.at(time),
    };
  };
}

/** States its time in milliseconds, with its values in an envelope. An open door lets the warmth in. */
function freezer({ random }: { random: Random }) {
  const door = episodes(random, { on: 40_000, off: 25 * MINUTE });
  const compressor = episodes(random, { on: 9 * MINUTE, off: 14 * MINUTE });
  const air = inert(-18, 7 * MINUTE);
  return (time: number) => {
    const open = door.at(time);
    const cooling = compressor.at(time);
    const temperature = air.towards((cooling ? -21 : -16.5) + (open ? 24 : 0), time);
    return {
      ts: Math.round(time),
      values: {
        temperature: round(temperature + 0.05 * random.normal(), 2),
        door: open ? 'open' : 'closed',
        compressor: cooling,
        power: Math.round(cooling ? 118 + 3 * random.normal() : 4),
      },
    };
  };
}

/** States no time: it speaks when it speaks. */
function door({ random }: { random: Random }) {
  const door = episodes(random, { on: 50_000, off: 6 * MINUTE });
  const power = battery(random, random.between(24, 96) * HOUR);
  let wasOpen = false;
  let openings = 0;
  return (time: number) => {
    const open = door.at(time);
    if (open && !wasOpen) openings += 1;
    wasOpen = open;
    return { door: open ? 'open' : 'closed', openings, battery: power.at(time) };
  };
}

/** Writes its id beside its data, and its time with an offset, as gateways in factories do. */
function pump({ id, random }: { id: string; random: Random }) {
  const running = episodes(random, { on: 20 * MINUTE, off: 8 * MINUTE });
  const motor = inert(24, 6 * MINUTE);
  const wear = drift(random, 0.2, 6 * HOUR);
  return (time: number) => {
    const runs = running.at(time);
    const hum = runs ? 1 : 0;
    return {
      id,
      data: {
        running: runs,
        flow: round(hum * (84 + 1.5 * random.normal()), 1),
        pressure: round(0.4 + hum * (3.1 + 0.05 * random.normal()), 2),
        motor_temperature: round(motor.towards(runs ? 61 : 24, time) + 0.1 * random.normal(), 1),
        vibration: round(Math.abs(0.05 + hum * (1.8 + wear.at(time) + 0.1 * random.normal())), 2),
      },
      timestamp: new Date(time).toISOString().replace('Z', '+00:00'),
    };
  };
}

/** States its time in seconds. */
function weather({ random }: { random: Random }) {
  const warmth = drift(random, 1.5, 8 * HOUR);
  const damp = drift(random, 4, 5 * HOUR);
  const pressure = drift(random, 7, 20 * HOUR);
  const wind = drift(random, 2, 30 * MINUTE);
  const shower = episodes(random, { on: 25 * MINUTE, off: 5 * HOUR });
  return (time: number) => {
    const above = 5 * dailyCurve(time) + warmth.at(time);
    const gust = Math.abs(3.5 + wind.at(time) + 0.8 * random.normal());
    return {
      ts: Math.floor(time / 1000),
      temperature: round(11 + above, 1),
      humidity: round(clamp(68 - 3.5 * above + damp.at(time), 20, 100), 1),
      pressure: round(1014 + pressure.at(time), 1),
      wind: round(gust, 1),
      rain: shower.at(time) ? round(Math.abs(1.2 + random.normal()), 1) : 0,
    };
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
