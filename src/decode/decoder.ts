import type { Decoded } from '../domain/reading.ts';

/** What a decoder may look at. */
export interface DecodeInput {
  payload: Uint8Array;
  /** The whole topic as published. */
  topic: string;
  /** The topic's last level: what `value` names its reading by. */
  lastLevel: string;
}

/** Payload → readings. Never throws: what it can't read, it says. Pure, synchronous and bounded by `readingLimits`. */
export type Decoder = (input: DecodeInput) => Decoded;
