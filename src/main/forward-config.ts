import { z } from 'zod';
import { parseBrokerUrl } from '../domain/broker-url.ts';
import { isTopicFilter } from '../domain/topic.ts';
import { StartupError } from '../service/startup-error.ts';

/** Every setting of the forwarder. `--broker-url` is FORWARD_BROKER_URL, and so on; flags come first. */
export const forwardSettings = z.object({
  FORWARD_BROKER_URL: z
    .string()
    .refine((text) => !('problem' in parseBrokerUrl(text)))
    .describe('an mqtt://, mqtts://, ws:// or wss:// URL'),
  FORWARD_USERNAME: z.string().optional().describe('a user name at the broker'),
  FORWARD_PASSWORD: z.string().optional().describe('its password'),
  FORWARD_TOPICS: z
    .string()
    .transform((text) => text.split(',').map((filter) => filter.trim()))
    .refine((filters) => filters.every(isTopicFilter))
    .describe('topic filters with commas between them'),
  FORWARD_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).describe('the webhook URL of the integration'),
  FORWARD_TOKEN: z.string().min(20).describe('the token of the integration'),
  FORWARD_CA: z.string().optional().describe('the path of a PEM file with the broker’s authority'),
  FORWARD_CLIENT_ID: z.string().min(1).max(128).optional().describe('1 to 128 characters'),
  FORWARD_MQTT_VERSION: z.enum(['3.1.1', '5']).default('5').describe('3.1.1 or 5'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('debug, info, warn or error'),
});
export type ForwardConfig = z.infer<typeof forwardSettings>;

const secrets = new Set(['FORWARD_BROKER_URL', 'FORWARD_PASSWORD', 'FORWARD_TOKEN']);

/**
 * @param flags as `--topics devices/#`
 * @throws StartupError with one line for each bad setting
 */
export function readForwardConfig(
  flags: readonly string[],
  environment: Record<string, string | undefined> = process.env,
): ForwardConfig {
  const given: Record<string, string> = {};
  for (const name of Object.keys(forwardSettings.shape)) {
    const value = environment[name]?.trim();
    if (value) given[name] = value;
  }
  for (let at = 0; at < flags.length; at += 2) {
    const name = `FORWARD_${flags[at]!.replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`;
    if (!flags[at]!.startsWith('--') || !(name in forwardSettings.shape) || flags[at + 1] === undefined) {
      throw new StartupError(`${flags[at]}: no flag of the forwarder, or without a value`);
    }
    given[name] = flags[at + 1]!;
  }
  const parsed = forwardSettings.safeParse(given);
  if (parsed.success) return parsed.data;
  const names = new Set(parsed.error.issues.map((issue) => String(issue.path[0])));
  const lines = [...names].map((name) => {
    const value = secrets.has(name) || given[name] === undefined ? name : `${name}=${given[name]}`;
    return `${value}: expected ${forwardSettings.shape[name as keyof typeof forwardSettings.shape].description}`;
  });
  throw new StartupError(lines.join('\n'));
}
