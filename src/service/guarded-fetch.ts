import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { bounded } from './bounded.ts';
import { type GuardOptions, guardedLookup, only, resolveHost } from './guard.ts';

export interface GuardedRequest extends GuardOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Redirects that are followed, each checked as the first address was. With 0, the default, one is the answer. */
  maxRedirects?: number;
  /** Of the answer's body; 64 KiB by default. */
  maxBytes?: number;
  /** For all of it, redirects included; 10 s by default. */
  milliseconds?: number;
  signal?: AbortSignal;
  /** In place of `guardedLookup(this)`. */
  lookup?: LookupFunction;
}

export interface GuardedResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Where the answer came from, after redirects. */
  url: string;
}

/** What was asked can't be had, for a reason of ours. */
export class FetchRefused extends Error {
  override readonly name = 'FetchRefused';
}

interface Attempt {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
}

const redirects = [301, 302, 303, 307, 308];
/** Never sent on to another origin. */
const secretHeaders = /^(authorization|cookie|proxy-authorization|x-.*(key|token|signature|secret).*)$/i;

/**
 * HTTP to where a customer points us, and not into private networks. Any status is an answer.
 * @throws RefusedAddress, FetchRefused (not HTTP, too many redirects, too large), NoAnswer, or what node:http throws
 */
export async function guardedFetch(url: string | URL, options: GuardedRequest): Promise<GuardedResponse> {
  const { maxRedirects = 0, maxBytes = 65_536, milliseconds = 10_000 } = options;
  const lookup = options.lookup ?? guardedLookup(options);
  const signal = options.signal ?? new AbortController().signal;
  return bounded(milliseconds, signal, async (stop) => {
    let attempt: Attempt = {
      url: httpUrl(String(url)),
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      body: options.body,
    };
    for (let followed = 0; ; followed += 1) {
      const response = await ask(attempt, lookup, stop);
      const { statusCode: status = 0, headers } = response;
      if (maxRedirects === 0 || !redirects.includes(status) || headers.location === undefined) {
        return { status, headers, body: await read(response, maxBytes), url: attempt.url.href };
      }
      response.destroy();
      if (followed >= maxRedirects) throw new FetchRefused(`more than ${maxRedirects} redirects`);
      attempt = redirected(attempt, status, headers.location);
    }
  });
}

function httpUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new FetchRefused('not an HTTP address');
  return url;
}

async function ask(
  { url, method, headers, body }: Attempt,
  guarded: LookupFunction,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const lookup = only(await resolveHost(host, guarded));
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    // An agent of its own: a pooled connection would be one that nobody checked for this request.
    const request = send(url, { method, headers, lookup, signal, agent: false, maxHeaderSize: 16_384 });
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function read(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    // Leaving the loop destroys the response.
    if (bytes > maxBytes) throw new FetchRefused(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** RFC 9110 section 15.4: 307 and 308 keep method and body, the others turn into a GET. */
function redirected(
  { url: from, method, headers, body }: Attempt,
  status: number,
  location: string,
): Attempt {
  const url = httpUrl(location, from);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new FetchRefused('a redirect from https:// to http://');
  }
  const keeps = status >= 307 || method === 'GET' || method === 'HEAD';
  const goesOn = (name: string) =>
    (url.origin === from.origin || !secretHeaders.test(name)) && (keeps || !/^content-/i.test(name));
  return {
    url,
    method: keeps ? method : 'GET',
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => goesOn(name))),
    body: keeps ? body : undefined,
  };
}
