import { auto } from './auto.ts';
import type { Decoder } from './decoder.ts';
import { json } from './json.ts';
import { value } from './value.ts';

const decoders = { auto, json, value } satisfies Record<string, Decoder>;

/** What an integration or a route may name as its decoder. */
export type DecoderName = keyof typeof decoders;
export const decoderNames = Object.keys(decoders) as DecoderName[];

/** The decoder of that name. @returns undefined for a name that isn't one of `decoderNames` */
export function decoderNamed(name: string): Decoder | undefined {
  return Object.hasOwn(decoders, name) ? decoders[name as DecoderName] : undefined;
}
