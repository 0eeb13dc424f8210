import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = join(import.meta.dirname, '../samples');

const read = (name: string) => JSON.parse(readFileSync(join(directory, name), 'utf8'));

/** What a broker POSTs, and what a customer would expect of it. */
export interface WebhookSample {
  source: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  expect: {
    device?: string;
    values?: Record<string, unknown>;
    device_timestamp?: string;
    receipts?: string[];
    confirmed_by?: string;
  };
}

/** What a device publishes. */
export interface PayloadSample {
  source: string;
  topic: string;
  expected_topics?: string[];
  decoder?: string;
  payload?: string;
  payload_base64?: string;
  expect: { device: string; values?: Record<string, unknown>; device_timestamp?: string; readings?: number };
}

export const webhookSample = (name: string): WebhookSample => read(`webhook-${name}.json`);

/** Every well-formed payload, by name. */
export const payloadSamples: [name: string, sample: PayloadSample][] = readdirSync(directory)
  .filter((name) => name.startsWith('payload-') && name !== 'payload-bad.json')
  .map((name) => [name.slice('payload-'.length, -'.json'.length), read(name)]);

/** Payloads that end in quarantine, or stored as somebody would expect. */
export const badPayloads: Buffer[] = read('payload-bad.json').payloads_base64.map((text: string) =>
  Buffer.from(text, 'base64'),
);

/** The bytes of a sample. */
export function payloadOf({ payload, payload_base64 }: PayloadSample): Buffer {
  return payload_base64 === undefined ? Buffer.from(payload!) : Buffer.from(payload_base64, 'base64');
}
