import { z } from 'zod';
import {
  externalDeviceId,
  id,
  line,
  outcome,
  page,
  pageQuery,
  presence,
  readingValue,
  severalOf,
  time,
} from './common.ts';

/** How many a device may have. */
export const mostTags = 20;

/** Kept in lower case, so that `Roof` and `roof` are one. A list of them is written with commas or semicolons. */
export const tag = line(50)
  .min(1)
  .toLowerCase()
  .max(50)
  .regex(/^[^,;]*$/, 'may not hold commas or semicolons');
/** Each once, in their order. */
const tags = z.array(tag).overwrite((given) => [...new Set(given)].sort());
export const deviceTags = tags.max(mostTags);

export const device = z
  .object({
    id,
    external_device_id: z.string(),
    name: z.string(),
    integration_id: id.nullable(),
    device_type_id: id.nullable(),
    tags: z.array(z.string()),
    presence,
    presence_since: z.string(),
    presence_reason: z.string(),
    last_seen_at: z.string().nullable(),
    usual_interval_ms: z.int().nullable(),
    latest: z.record(z.string(), z.object({ value: readingValue, recorded_at: z.string() })),
    created_at: z.string(),
  })
  .meta({ id: 'Device' });
export type Device = z.infer<typeof device>;

export const deviceQuery = pageQuery.extend({
  external_device_id: externalDeviceId.optional(),
  search: line(200).optional().describe('Part of the name or of external_device_id'),
  presence: presence.optional(),
  device_type_id: id.optional(),
  tag: severalOf(tag, mostTags).describe('Given several times, a device has all of them'),
});
export const devicePage = page(device).meta({ id: 'DevicePage' });

export const createDevice = z
  .object({ external_device_id: externalDeviceId, name: line(200).min(1).optional() })
  .meta({ id: 'CreateDevice' });
export const updateDevice = z
  .object({
    name: line(200).min(1).optional(),
    device_type_id: id.nullable().optional(),
    tags: deviceTags.optional().describe('All that it has then'),
  })
  .meta({ id: 'UpdateDevice' });

export const tagDevices = z
  .object({
    device_ids: z.array(id).min(1).max(1000),
    add: deviceTags.default([]),
    remove: tags.max(1000).default([]),
  })
  .refine(({ add, remove }) => add.length + remove.length > 0, 'names no tag to add or remove')
  .meta({ id: 'TagDevices' });
export const taggedDevices = z
  .object({ items: z.array(z.object({ id, tags: z.array(z.string()) })) })
  .meta({ id: 'TaggedDevices' });
export const tagList = z
  .object({ items: z.array(z.object({ tag: z.string(), device_count: z.int() })) })
  .meta({ id: 'TagList' });
export type UsedTag = z.infer<typeof tagList>['items'][number];

export const importQuery = z.object({
  preview: z.stringbool().default(false).describe('Nothing is changed; the answer says what would be'),
});
export const importedLine = z.object({
  line: z.int().describe('As an editor counts: the names of the columns are line 1'),
  external_device_id: z.string(),
  outcome: z.enum(['created', 'changed', 'refused']),
  changes: z.array(z.enum(['name', 'type', 'tags'])),
  reason: z.string().nullable(),
});
export type ImportedLine = z.infer<typeof importedLine>;
export const importedDevices = z
  .object({
    applied: z.boolean(),
    created: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    ignored_columns: z.array(z.string()),
    lines: z.array(importedLine).describe('All but those that change nothing'),
  })
  .meta({ id: 'ImportedDevices' });

export const resolution = z.enum(['raw', '1m', '1h', '1d', 'auto']);

export const telemetryQuery = z.object({
  from: time.optional().describe('Default: 24 hours before `to`'),
  to: time.optional().describe('Default: now'),
  metrics: line(2000).optional().describe('Names, separated by commas; all without it'),
  resolution: resolution.default('raw'),
  points: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(2000)
    .describe('What `auto` keeps to: the finest resolution that has no more of them'),
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1000),
});

/** Readings as they were stored, oldest first, as a file of any size. */
export const telemetryExportQuery = telemetryQuery.pick({ from: true, to: true, metrics: true }).extend({
  format: z.enum(['csv', 'ndjson']).default('csv'),
});
/** How many devices one file is of at most. */
export const mostExported = 100;
export const telemetryExportOfMany = telemetryExportQuery.extend({
  device: severalOf(id, mostExported).describe('Ids; or `tag`'),
  tag: severalOf(tag, mostTags).describe('Of devices that have all of them'),
});

/** Newest first. */
export const rawTelemetry = z.object({
  recorded_at: z.string(),
  received_at: z.string(),
  device_timestamp: z.string().nullable(),
  time_mark: z.string().nullable().describe('Why the device’s time was not believed'),
  telemetry: z.record(z.string(), readingValue),
});
export type RawTelemetry = z.infer<typeof rawTelemetry>;
/** Newest first; `bucket` is the start of its span. */
export const rolledUpTelemetry = z.object({
  bucket: z.string(),
  metrics: z.record(
    z.string(),
    z.object({ count: z.int(), min: z.number(), max: z.number(), mean: z.number(), last: readingValue }),
  ),
});
export type RolledUpTelemetry = z.infer<typeof rolledUpTelemetry>;
export const telemetryPage = z
  .object({
    resolution: z.enum(['raw', '1m', '1h', '1d']).describe('What `auto` came to'),
    items: z.union([z.array(rawTelemetry), z.array(rolledUpTelemetry)]),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'TelemetryPage' });

/** One of a device's last twenty messages, as received. */
export const deviceMessage = z
  .object({
    received_at: z.string(),
    topic: z.string(),
    payload: z.string().nullable().describe('As text when it is UTF-8'),
    payload_base64: z.string().nullable().describe('Otherwise'),
    payload_bytes: z.int().describe('Its full size; what is kept is cut at 4 KiB'),
    qos: z.int(),
    retain: z.boolean(),
    outcome,
    reason: z.string().nullable(),
    readings: z.int(),
  })
  .meta({ id: 'DeviceMessage' });
export type DeviceMessage = z.infer<typeof deviceMessage>;
export const deviceMessages = z.object({ items: z.array(deviceMessage) }).meta({ id: 'DeviceMessages' });
