import { z } from 'zod';
import { parseBrokerUrl } from '../domain/broker-url.ts';

/** How a customer's broker is reached. Read in the spellings in use: `brokerUrl`, `broker_url`, `url`, … */

/** What a name means, without its underscores and in lower case. */
const spellings: Record<string, string> = {
  url: 'url',
  brokerurl: 'url',
  username: 'username',
  user: 'username',
  password: 'password',
  clientid: 'client_id',
  protocolversion: 'protocol_version',
  mqttversion: 'protocol_version',
  ca: 'ca',
  cacert: 'ca',
  cacertificate: 'ca',
  clientcertificate: 'client_certificate',
  clientcert: 'client_certificate',
  cert: 'client_certificate',
  clientkey: 'client_key',
  key: 'client_key',
  keepalive: 'keep_alive_seconds',
  keepaliveseconds: 'keep_alive_seconds',
};

function respelled(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const known = spellings[name.replaceAll(/[_-]/g, '').toLowerCase()];
    if (value !== null && value !== undefined) settings[known ?? name] = value;
  }
  return settings;
}

const versions: Record<string, '3.1.1' | '5'> = { 4: '3.1.1', '3.1.1': '3.1.1', 5: '5', '5.0': '5' };
const pem = z
  .string()
  .max(64 * 1024)
  .regex(/-----BEGIN [A-Z ]+-----/, 'is no PEM');
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((value) => value.isWellFormed() && !value.includes('\0'), 'is not valid Unicode');

const fields = {
  url: z
    .string()
    .max(2048)
    .superRefine((given, context) => {
      const parsed = parseBrokerUrl(given);
      if ('problem' in parsed) context.addIssue(parsed.problem);
    })
    .describe('mqtt://, mqtts://, ws:// or wss://'),
  username: text(1000).optional(),
  client_id: text(128).min(1).optional().describe('Left out: one of our own, always the same'),
  protocol_version: z
    .preprocess((given) => versions[String(given)] ?? given, z.enum(['3.1.1', '5']))
    .default('5'),
  ca: pem.optional().describe('PEM; trusted instead of the usual authorities'),
  client_certificate: pem.optional().describe('PEM'),
  keep_alive_seconds: z.int().min(5).max(3600).default(60),
};
const secrets = {
  password: text(1000).optional().describe('Kept sealed, never shown. Left out in a change: stays'),
  client_key: pem.optional().describe('PEM of the client certificate’s key. Left out in a change: stays'),
};

/** As it is sent. */
export const brokerSettings = z.preprocess(respelled, z.strictObject({ ...fields, ...secrets }));
export type BrokerSettings = z.infer<typeof brokerSettings>;

/** As it is kept and shown. */
export const shownBroker = z
  .object({ ...fields, has_password: z.boolean(), has_client_key: z.boolean() })
  .meta({ id: 'BrokerSettings' });
export type ShownBroker = z.infer<typeof shownBroker>;

/**
 * Settings as a host platform may hold them, with more in them than ours.
 * @returns undefined when they lead to no broker
 */
export function readBrokerSettings(given: unknown): BrokerSettings | undefined {
  const lenient = z.object({ ...fields, ...secrets });
  const read = lenient.safeParse(respelled(given));
  return read.success ? read.data : undefined;
}
