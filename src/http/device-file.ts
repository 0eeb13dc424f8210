import type { z } from 'zod';
import { externalDeviceId, line } from '../contract/common.ts';
import { deviceTags, type ImportedLine } from '../contract/devices.ts';
import type { ImportedDevice, ImportTarget } from '../database/device-import.ts';
import { PlatformError } from '../service/errors.ts';
import { type CsvLine, readCsv } from './csv.ts';

export const MOST_LINES = 10_000;

/** Columns that are read. Others, such as those that an export has besides, are told and left alone. */
const read = ['external_device_id', 'name', 'type', 'tags'] as const;

export interface DeviceFile {
  lines: CsvLine[];
  columns: ReadonlySet<string>;
  ignored: string[];
}

/** @throws PlatformError `invalid_request` for what is no table of devices */
export function readDeviceFile(text: string): DeviceFile {
  const { columns, lines } = readCsv(text, MOST_LINES);
  if (!columns.includes('external_device_id')) {
    const detail = `The first line names the columns, of which external_device_id is one; it has ${columns.filter(Boolean).join(', ') || 'none'}.`;
    throw new PlatformError('invalid_request', detail);
  }
  const known = new Set<string>(read);
  return {
    lines,
    columns: new Set(columns.filter((column) => known.has(column))),
    ignored: columns.filter((column) => column !== '' && !known.has(column)),
  };
}

export interface DevicePlan {
  create: ImportedDevice[];
  change: Omit<ImportTarget, 'external_device_id'>[];
  unchanged: number;
  /** Of those that are to be created, changed or refused. */
  lines: ImportedLine[];
}

interface There {
  devices: readonly ImportTarget[];
  types: readonly { id: string; name: string }[];
  room: number;
  limit: string;
}

/** What a file would do. What a column says counts; without the column a device keeps what it has. */
export function planImport(file: DeviceFile, { devices, types, room, limit }: There): DevicePlan {
  const known = new Map(devices.map((device) => [device.external_device_id, device]));
  const typeIds = new Map(types.map(({ id, name }) => [name, id]));
  const seen = new Map<string, number>();
  const plan: DevicePlan = { create: [], change: [], unchanged: 0, lines: [] };
  for (const line of file.lines) {
    const told = { line: line.line, external_device_id: line.cells.get('external_device_id') ?? '' };
    const wanted = readLine(line, typeIds);
    const earlier = seen.get(told.external_device_id);
    seen.set(told.external_device_id, line.line);
    const refuse = (reason: string) => plan.lines.push({ ...told, outcome: 'refused', reason, changes: [] });
    if (typeof wanted === 'string') refuse(wanted);
    else if (earlier !== undefined) refuse(`stands on line ${earlier} already`);
    else {
      const device = known.get(told.external_device_id);
      if (device) {
        const changed = changesOf(device, wanted);
        if (changed.length === 0) plan.unchanged += 1;
        else {
          const { external_device_id, ...rest } = device;
          plan.change.push({ ...rest, ...wanted });
          plan.lines.push({ ...told, outcome: 'changed', reason: null, changes: changed });
        }
      } else if (plan.create.length >= room) refuse(`is beyond the limit of devices (${limit})`);
      else {
        plan.create.push({
          external_device_id: told.external_device_id,
          name: told.external_device_id,
          device_type_id: null,
          tags: [],
          ...wanted,
        });
        plan.lines.push({ ...told, outcome: 'created', reason: null, changes: [] });
      }
    }
  }
  return plan;
}

/** What columns say of a device: as the database has it. */
type Wanted = { name?: string; device_type_id?: string | null; tags?: string[] };

/** @returns what is wrong with the line in words, or what it says */
function readLine({ cells, problem }: CsvLine, typeIds: ReadonlyMap<string, string>): Wanted | string {
  if (problem) return problem.charAt(0).toLowerCase() + problem.slice(1);
  const id = externalDeviceId.safeParse(cells.get('external_device_id'));
  if (!id.success)
    return `external_device_id ${cells.get('external_device_id') ? said(id.error) : 'is missing'}`;
  const wanted: Wanted = {};
  const [name, type, tags] = [cells.get('name'), cells.get('type'), cells.get('tags')];
  if (name) {
    const read = line(200).safeParse(name);
    if (!read.success) return `name ${said(read.error)}`;
    wanted.name = read.data;
  }
  if (type !== undefined) {
    const typeId = type === '' ? null : typeIds.get(type);
    if (typeId === undefined) return `there is no device type “${type.slice(0, 100)}”`;
    wanted.device_type_id = typeId;
  }
  if (tags !== undefined) {
    const read = deviceTags.safeParse(
      tags
        .split(/[,;]/)
        .map((tag) => tag.trim())
        .filter(Boolean),
    );
    if (!read.success) return `tags: one ${said(read.error)}`;
    wanted.tags = read.data;
  }
  return wanted;
}

function said(error: z.ZodError): string {
  return error.issues[0]!.message;
}

function changesOf(device: ImportTarget, { name, device_type_id, tags }: Wanted): ImportedLine['changes'] {
  return [
    ...(name !== undefined && name !== device.name ? (['name'] as const) : []),
    ...(device_type_id !== undefined && device_type_id !== device.device_type_id ? (['type'] as const) : []),
    ...(tags !== undefined && tags.join() !== device.tags.join() ? (['tags'] as const) : []),
  ];
}
