import type { DeclaredCommand, DeclaredMetric } from '../contract/device-types.ts';
import { insertDevices } from '../database/device-import.ts';
import { insertDeviceType } from '../database/device-types.ts';
import type { Transaction } from '../database/transaction.ts';
import { type DeviceKind, simulatedDevice } from '../simulate/device.ts';

const temperature = { label: 'Temperature', unit: '°C' };
const humidity = { name: 'humidity', label: 'Humidity', unit: '%', min: 0, max: 100 };
const battery = { name: 'battery', label: 'Battery', unit: '%', min: 0, max: 100 };
const door = { name: 'door', label: 'Door' };

/** What the simulated devices of a kind are called, measure, and are tagged with. */
const kinds: Record<DeviceKind, { name: string; tags: string[]; metrics: DeclaredMetric[] }> = {
  room: {
    name: 'Room sensor',
    tags: ['indoors'],
    metrics: [
      { name: 'temperature', ...temperature, min: 16, max: 26 },
      humidity,
      { name: 'co2', label: 'CO₂', unit: 'ppm', min: 400, max: 1500 },
      battery,
    ],
  },
  freezer: {
    name: 'Freezer',
    tags: ['cold chain', 'indoors'],
    metrics: [
      { name: 'temperature', ...temperature, min: -25, max: -15 },
      door,
      { name: 'compressor', label: 'Compressor' },
      { name: 'power', label: 'Power', unit: 'W' },
    ],
  },
  door: {
    name: 'Door contact',
    tags: ['indoors'],
    metrics: [door, { name: 'openings', label: 'Openings' }, battery],
  },
  pump: {
    name: 'Pump',
    tags: ['plant'],
    metrics: [
      { name: 'running', label: 'Running' },
      { name: 'flow', label: 'Flow', unit: 'l/min' },
      { name: 'pressure', label: 'Pressure', unit: 'bar', min: 0, max: 5 },
      { name: 'motor_temperature', label: 'Motor', unit: '°C', max: 90 },
      { name: 'vibration', label: 'Vibration', unit: 'mm/s', max: 4.5 },
    ],
  },
  weather: {
    name: 'Weather station',
    tags: ['outdoors', 'roof'],
    metrics: [
      { name: 'temperature', ...temperature },
      humidity,
      { name: 'pressure', label: 'Air pressure', unit: 'hPa' },
      { name: 'wind', label: 'Wind', unit: 'm/s' },
      { name: 'rain', label: 'Rain', unit: 'mm/h' },
    ],
  },
};

const commands: DeclaredCommand[] = [
  {
    name: 'set_interval',
    description: 'How often it reports',
    fields: [
      {
        type: 'number',
        name: 'seconds',
        label: 'Interval',
        unit: 's',
        min: 1,
        max: 86_400,
        whole: true,
        required: true,
      },
    ],
  },
  { name: 'reboot', description: 'Start it again; it is away for some seconds', fields: [] },
  { name: 'identify', description: 'Let it blink', fields: [] },
];

/** Registers a demonstration's devices with types that say what they measure, and with tags, before their first message. */
export async function insertDemoDevices(
  tx: Transaction,
  { organizationId, seed, count }: { organizationId: string; seed: number; count: number },
): Promise<void> {
  const typeIds = new Map<DeviceKind, string>();
  for (const [kind, { name, metrics }] of Object.entries(kinds) as [
    DeviceKind,
    (typeof kinds)[DeviceKind],
  ][]) {
    const type = { organizationId, name, commands, metrics, retention_days: null };
    typeIds.set(kind, await insertDeviceType(tx, type));
  }
  const devices = Array.from({ length: count }, (_, index) => {
    const { externalDeviceId, kind } = simulatedDevice({ seed, index, outagesPerHour: 0 });
    return {
      external_device_id: externalDeviceId,
      name: externalDeviceId,
      device_type_id: typeIds.get(kind)!,
      tags: kinds[kind].tags,
    };
  });
  await insertDevices(tx, { organizationId, devices });
}
