import { z } from 'zod';
import { externalDeviceId, id, line, page, time } from './common.ts';
import { deviceTags } from './devices.ts';

export const credential = z
  .object({
    id,
    label: z.string(),
    username: z.string(),
    topic_prefix: z.string(),
    device_id: id.nullable(),
    external_device_id: z.string().nullable(),
    integration_id: id.nullable().describe('The bridge that signs in with it'),
    created_at: z.string(),
    last_used_at: z.string().nullable(),
    expires_at: z.string().nullable(),
    disabled_at: z.string().nullable(),
    replaces: id.nullable(),
    live_connections: z.int(),
  })
  .meta({ id: 'Credential' });
export type Credential = z.infer<typeof credential>;
export const credentialPage = page(credential).meta({ id: 'CredentialPage' });

export const createCredential = z
  .object({
    label: line(100).default(''),
    external_device_id: externalDeviceId.optional().describe('For one device only; registers it if need be'),
    expires_at: time.optional(),
  })
  .meta({ id: 'CreateCredential' });

/** The one time that the password is shown. */
export const createdCredential = z
  .object({
    id,
    username: z.string(),
    password: z.string(),
    topic_prefix: z.string(),
    connect: z.object({
      mqtt: z.string().nullable(),
      mqtts: z.string().nullable(),
      ws: z.string().nullable(),
      wss: z.string().nullable(),
    }),
  })
  .meta({ id: 'CreatedCredential' });

/** Of one request. */
export const mostCredentials = 1000;

export const createCredentials = z
  .object({
    external_device_ids: z
      .array(externalDeviceId)
      .min(1)
      .max(mostCredentials)
      .optional()
      .describe('Each is registered if need be'),
    tags: deviceTags.min(1).optional().describe('Instead: the devices that have all of these tags'),
    label: line(100).default('').describe('By default each is called by its device'),
    expires_at: time.optional(),
  })
  .refine(({ external_device_ids, tags }) => (external_device_ids === undefined) !== (tags === undefined), {
    message: 'names either devices or tags',
  })
  .meta({ id: 'CreateCredentials' });
export const batchQuery = z.object({ format: z.enum(['json', 'csv']).default('json') });
export const createdCredentials = z
  .object({
    connect: createdCredential.shape.connect,
    items: z.array(createdCredential.omit({ connect: true }).extend({ external_device_id: z.string() })),
  })
  .meta({ id: 'CreatedCredentials' });

export const updateCredential = z
  .object({ disabled: z.boolean().optional(), label: line(100).optional() })
  .meta({ id: 'UpdateCredential' });

export const rotateCredential = z
  .object({
    overlap_seconds: z
      .int()
      .min(0)
      .max(90 * 86_400)
      .default(86_400)
      .describe('How long the old one still works'),
  })
  .meta({ id: 'RotateCredential' });
