import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem, Unreachable } from './problem.ts';
import type { paths } from './schema.d.ts';
import { adjustClock } from './server-clock.ts';

const clock: Middleware = {
  onResponse({ response }) {
    adjustClock(response.headers.get('date'));
  },
  onError() {
    return new Unreachable();
  },
};

/** The API as `openapi.json` describes it. Every call goes through `answer`. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin' });
api.use(clock);

/**
 * The body of a call's answer.
 * @throws {ApiProblem} when the platform refused
 * @throws {Unreachable} when it did not answer
 */
export async function answer<Body>(
  call: Promise<{ data?: Body; error?: unknown; response: Response }>,
): Promise<Body> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ApiProblem(response.status, error);
  return data as Body;
}

/** Makes a repeat of the same action harmless: the platform answers it as it did the first time. */
export function idempotent() {
  // randomUUID is missing where the page came over plain HTTP from another machine; this is not.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return { 'idempotency-key': Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}
