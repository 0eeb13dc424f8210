import { z } from 'zod';
import { commandLimits } from '../domain/command.ts';
import { valueProblem } from './command-fields.ts';
import { id, line } from './common.ts';

/** What devices of a kind have in common: for now the commands that they understand. */

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

const declaredCommands = z
  .array(declaredCommand)
  .max(100)
  .superRefine((commands, context) => {
    const names = commands.map(({ name }) => name);
    const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
    if (twice >= 0) context.addIssue({ code: 'custom', path: [twice, 'name'], message: 'is there twice' });
  });

export const deviceType = z
  .object({
    id,
    name: z.string(),
    commands: z.array(declaredCommand),
    device_count: z.int(),
    created_at: z.string(),
  })
  .meta({ id: 'DeviceType' });
export type DeviceType = z.infer<typeof deviceType>;
export const deviceTypeList = z.object({ items: z.array(deviceType) }).meta({ id: 'DeviceTypeList' });

export const createDeviceType = z
  .object({ name: line(100).min(1), commands: declaredCommands.default([]) })
  .meta({ id: 'CreateDeviceType' });
export const updateDeviceType = z
  .object({ name: line(100).min(1).optional(), commands: declaredCommands.optional() })
  .meta({ id: 'UpdateDeviceType' });
