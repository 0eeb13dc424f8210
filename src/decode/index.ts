import { isFieldTemplate } from '../domain/field-template.ts';
import { auto } from './auto.ts';
import { cbor } from './cbor.ts';
import type { Decoder } from './decoder.ts';
import { hexBy } from './hex.ts';
import { json } from './json.ts';
import { senml } from './senml.ts';
import { sparkplugB } from './sparkplug-b.ts';
import { value } from './value.ts';
import { vmark } from './vmark.ts';

/** Decoders that need no settings. */
const decoders = { auto, json, value, senml, cbor, sparkplug_b: sparkplugB, vmark } satisfies Record<
  string,
  Decoder
>;

/** What an integration or a route may name as its decoder, among those that are pure functions. */
export type DecoderName = keyof typeof decoders | 'hex';
export const decoderNames = [...Object.keys(decoders), 'hex'] as DecoderName[];

/**
 * The decoder of that name.
 * @param settings for `hex` its `FieldTemplate`; the others have none
 * @returns undefined for a name that isn't one of `decoderNames`, and for settings that are no template
 */
export function decoderFor(name: string, settings?: unknown): Decoder | undefined {
  if (name === 'hex') return isFieldTemplate(settings) ? hexBy(settings) : undefined;
  return Object.hasOwn(decoders, name) ? decoders[name as keyof typeof decoders] : undefined;
}
