import { z } from 'zod';
import { commandLimits } from '../domain/command.ts';
import { readingLimits } from '../domain/reading.ts';
import { valueProblem } from './command-fields.ts';
import { id, line, retentionDays } from './common.ts';

/** What devices of a kind have in common: the commands that they understand, and what they measure. */

const fieldName = line(100).min(1);

/** One parameter of a declared command, as a form asks for it. */
export const commandField = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('number'),
      name: fieldName,
      label: line(100).optional(),
      unit: line(20).optional(),
      min: z.number().optional(),
      max: z.number().optional(),
      whole: z.boolean().optional().describe('Only whole numbers'),
      required: z.boolean().default(false),
      default: z.number().optional(),
    }),
    z.strictObject({
      type: z.literal('text'),
      name: fieldName,
      label: line(100).optional(),
      required: z.boolean().default(false),
      default: line(1000).optional(),
    }),
    z.strictObject({
      type: z.literal('switch'),
      name: fieldName,
      label: line(100).optional(),
      required: z.boolean().default(false),
      default: z.boolean().optional(),
    }),
    z.strictObject({
      type: z.literal('choice'),
      name: fieldName,
      label: line(100).optional(),
      options: z.array(line(100).min(1)).min(1).max(50),
      required: z.boolean().default(false),
      default: line(100).optional(),
    }),
  ])
  .meta({ id: 'CommandField' });
export type CommandField = z.infer<typeof commandField>;

export const declaredCommand = z
  .strictObject({
    name: line(commandLimits.nameCharacters).min(1),
    description: line(300).default(''),
    fields: z.array(commandField).max(50).default([]),
  })
  .superRefine(({ fields }, context) => {
    const names = fields.map(({ name }) => name);
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
    if (twice >= 0)
      context.addIssue({ code: 'custom', path: ['fields', twice, 'name'], message: 'is there twice' });
    // It would be refused whenever it is filled in.
    for (const [index, field] of fields.entries()) {
      const message = field.default !== undefined && valueProblem(field, field.default);
      if (message) context.addIssue({ code: 'custom', path: ['fields', index, 'default'], message });
    }
  })
  .meta({ id: 'DeclaredCommand' });
export type DeclaredCommand = z.infer<typeof declaredCommand>;

const declaredCommands = z.array(declaredCommand).max(100).superRefine(eachOnce);

function eachOnce(declared: readonly { name: string }[], context: z.RefinementCtx): void {
  const names = declared.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice >= 0) context.addIssue({ code: 'custom', path: [twice, 'name'], message: 'is there twice' });
}

/** What a value is called and measured in; `name` is its key in telemetry. */
export const declaredMetric = z
  .strictObject({
    name: line(readingLimits.nameCharacters).min(1),
    label: line(100).min(1).optional(),
    unit: line(20).min(1).optional(),
    min: z.number().optional().describe('Of the range that it usually lies in'),
    max: z.number().optional(),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, {
    path: ['max'],
    message: 'must be more than min',
  })
  .meta({ id: 'DeclaredMetric' });
export type DeclaredMetric = z.infer<typeof declaredMetric>;

const declaredMetrics = z.array(declaredMetric).max(200).superRefine(eachOnce);

export const deviceType = z
  .object({
    id,
    name: z.string(),
    commands: z.array(declaredCommand),
    metrics: z.array(declaredMetric),
    retention_days: retentionDays.nullable(),
    device_count: z.int(),
    created_at: z.string(),
  })
  .meta({ id: 'DeviceType' });
export type DeviceType = z.infer<typeof deviceType>;
export const deviceTypeList = z.object({ items: z.array(deviceType) }).meta({ id: 'DeviceTypeList' });

export const createDeviceType = z
  .object({
    name: line(100).min(1),
    commands: declaredCommands.default([]),
    metrics: declaredMetrics.default([]),
    retention_days: retentionDays.nullable().default(null),
  })
  .meta({ id: 'CreateDeviceType' });
export const updateDeviceType = z
  .object({
    name: line(100).min(1).optional(),
    commands: declaredCommands.optional(),
    metrics: declaredMetrics.optional(),
    retention_days: retentionDays.nullable().optional(),
  })
  .meta({ id: 'UpdateDeviceType' });
