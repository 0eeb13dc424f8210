import { z } from 'zod';
import { commandLimits, commandStates } from '../domain/command.ts';
import { commandPayloadProblem, commandTopicProblem } from '../domain/command-message.ts';
import { externalDeviceId, id, json, jsonProblem, line, page, pageQuery } from './common.ts';

/** Commands: something asked of a device. */

export const commandState = z.enum(commandStates);

const name = line(commandLimits.nameCharacters).min(1);

/** JSON that the database takes, and no more of it than a device should get. */
const params = z
  .record(z.string(), z.unknown())
  .superRefine((value, context) => {
    const problem = jsonProblem(value, commandLimits.jsonLevels);
    if (problem) context.addIssue(problem);
    else if (new TextEncoder().encode(JSON.stringify(value)).length > commandLimits.jsonBytes)
      context.addIssue(`has more than ${commandLimits.jsonBytes} bytes as JSON`);
  })
  .default({});

const wanted = {
  name: name.describe('What is asked, as set_interval'),
  params: params.describe('What with, a JSON object'),
  ttl_seconds: z
    .int()
    .min(1)
    .max(commandLimits.longestTtlSeconds)
    .default(commandLimits.defaultTtlSeconds)
    .describe('How long it is worth doing: a device that is away gets it on its return until then'),
  supersede_key: line(100)
    .min(1)
    .optional()
    .describe('Replaces those of the device with the same key that are not sent yet, as an older set point'),
};
const waitSeconds = z
  .number()
  .min(0)
  .max(60)
  .default(0)
  .describe('How long to wait for the outcome; without one in time the answer is 202 and the state so far');

export const createCommand = z.object({ ...wanted, wait_seconds: waitSeconds }).meta({ id: 'CreateCommand' });
export type CreateCommand = z.infer<typeof createCommand>;

export const createCommands = z
  .object({ ...wanted, device_ids: z.array(id).min(1).max(1000).describe('Each gets a command of its own') })
  .meta({ id: 'CreateCommands' });

/** Of POST /functions/v1/mqtt-broker. */
export const brokerCommand = z
  .object({
    ...wanted,
    wait_seconds: waitSeconds,
    device_id: id.optional(),
    external_device_id: externalDeviceId.optional(),
    organization_id: id
      .optional()
      .describe('Needed with external_device_id by who is in several organizations'),
  })
  .refine((given) => (given.device_id === undefined) !== (given.external_device_id === undefined), {
    path: ['device_id'],
    message: 'give device_id or external_device_id',
  });

export const command = z
  .object({
    id,
    device_id: id,
    external_device_id: z.string(),
    name: z.string(),
    params: json,
    state: commandState,
    reason: z.string().nullable().describe('Why it is there, a stable word as device_away'),
    detail: z.string().describe('In plain words'),
    result: json.describe('What the device answered; null when it said nothing'),
    supersede_key: z.string().nullable(),
    attempts: z.int().describe('How often it was tried to be sent'),
    requested_by: z
      .object({ kind: z.enum(['user', 'api_key', 'sql']), id: id.nullable() })
      .describe('Who asked for it'),
    sent_again_of: id.nullable().describe('The command that this one repeats'),
    created_at: z.string(),
    expires_at: z.string(),
    published_at: z.string().nullable(),
    delivered_at: z.string().nullable(),
    acknowledged_at: z.string().nullable(),
    finished_at: z.string().nullable(),
  })
  .meta({ id: 'Command' });
export type Command = z.infer<typeof command>;

/** Newest first. */
export const commandPage = page(command).meta({ id: 'CommandPage' });
export const commandQuery = pageQuery.extend({
  state: z
    .string()
    .regex(/^[a-z]+(,[a-z]+)*$/)
    .transform((text) => text.split(','))
    .pipe(z.array(commandState))
    .optional()
    .describe('One or several, separated by commas; undeliverable are the dead letters'),
  name: line(commandLimits.nameCharacters).min(1).optional(),
});
export const organizationCommandQuery = commandQuery.extend({ device_id: id.optional() });

export const commandList = z.object({ items: z.array(command) }).meta({ id: 'CommandList' });

/** How an integration of a customer's own broker takes commands. */
export const commandForm = z
  .strictObject({
    topic: z
      .string()
      .min(1)
      .max(500)
      .superRefine((text, context) => {
        const problem = commandTopicProblem(text);
        if (problem) context.addIssue(problem);
      })
      .describe('Where commands are published, as devices/{device}/commands; {name} is the command’s'),
    payload: z
      .string()
      .min(1)
      .max(8192)
      .superRefine((text, context) => {
        const problem = commandPayloadProblem(text);
        if (problem) context.addIssue(problem);
      })
      .optional()
      .describe('JSON or text with {{params.…}}, {{name}}, {{id}}, …; left out: the command as JSON'),
  })
  .meta({ id: 'CommandForm' });
export type CommandForm = z.infer<typeof commandForm>;
