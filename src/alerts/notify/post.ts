import type { LookupFunction } from 'node:net';
import { guardedFetch } from '../../service/guarded-fetch.ts';
import { NotDelivered } from './problems.ts';
import { oneLine } from './wording.ts';

const TIMEOUT_MS = 10_000;
/** Of an answer, and of what is shown of it. */
const MOST_BYTES = 65_536;
const SHOWN_CHARACTERS = 300;
/** A receiver that wants to be left alone for longer is tried all the same. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export interface Post {
  url: string;
  headers?: Record<string, string>;
  body: string;
  lookup: LookupFunction;
  signal: AbortSignal;
  now: number;
}

/**
 * Posts JSON to where a customer points us. A redirect is no answer: what is signed for one is not carried to another.
 * @returns what the receiver said, with a status of 200 to 299
 * @throws NotDelivered, or what guardedFetch throws
 */
export async function post({ url, headers, body, lookup, signal, now }: Post): Promise<string> {
  const response = await guardedFetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'NetNeural-MQTT',
      'content-length': String(new TextEncoder().encode(body).length),
      ...headers,
    },
    body,
    lookup,
    signal,
    allowPrivate: false,
    milliseconds: TIMEOUT_MS,
    maxBytes: MOST_BYTES,
  });
  const { status } = response;
  const text = oneLine(
    new TextDecoder().decode(response.body.subarray(0, 4 * SHOWN_CHARACTERS)),
    SHOWN_CHARACTERS,
  );
  const answer = `HTTP ${status}${text ? `: ${text}` : ''}`;
  if (status >= 200 && status < 300) return answer;
  if (status >= 300 && status < 400)
    throw new NotDelivered(
      'redirected',
      `The receiver answered HTTP ${status}: enter the URL that it leads to.`,
      { answer },
    );
  throw new NotDelivered(`http_${status}`, `The receiver answered ${answer}`, {
    answer,
    isFinal: status === 410,
    retryAfterMs: retryAfter(response.headers['retry-after'], now),
  });
}

/** RFC 9110 section 10.2.3: seconds, or a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : undefined;
}
