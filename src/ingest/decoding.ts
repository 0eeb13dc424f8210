import type { DecodeInput, Decoder } from '../decode/decoder.ts';
import { decoderFor } from '../decode/index.ts';
import type { Decoded } from '../domain/reading.ts';
import type { InboundMessage } from './message.ts';

/** How a message's payload is read: at once by a decoder, or by an expression that runs in a process apart. */
export type Decoding = Decoder | { readonly expression: string };

/** By the name and settings that an integration or a route keeps. What can't be is read as `auto`. */
export function decodingFor(name: string, settings: unknown): Decoding {
  if (name === 'expression') {
    const { expression } = (settings ?? {}) as { expression?: unknown };
    if (typeof expression === 'string') return { expression };
  }
  return decoderFor(name, settings) ?? decoderFor('auto')!;
}

export function decodingOf(message: InboundMessage): Decoding {
  return message.decoding ?? message.source.integration.decoding;
}

/** What a decoder sees of a message. */
export function inputOf({ payload, topic }: InboundMessage): DecodeInput {
  return { payload, topic, lastLevel: topic.slice(topic.lastIndexOf('/') + 1) };
}

/** Where expressions are run. */
export interface ExpressionRunner {
  /** Never rejects. Those of one integration are answered in the order in which they were asked. */
  decode(request: {
    integrationId: string;
    expression: string;
    input: DecodeInput;
    /** What nobody waits for any more need not be run. */
    isWanted?(): boolean;
  }): Promise<Decoded>;
}

/** As there is no runner everywhere. */
export const needsWorker: Decoded = {
  ok: false,
  reason: 'needs_worker',
  detail: 'no worker runs expressions here',
};
