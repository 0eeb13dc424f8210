import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ZodError } from 'zod';
import type { Problem } from '../contract/common.ts';
import { type ErrorCode, errorTitles, PlatformError } from '../service/errors.ts';
import type { Logger } from '../service/log.ts';

/** The one translator from the catalogue of errors to HTTP (RFC 9457 problem details). */
const statuses: Record<ErrorCode, number> = {
  invalid_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  idempotency_key_reused: 422,
  limit_reached: 429,
  too_many_requests: 429,
  messages_per_second_limit: 429,
  bytes_per_second_limit: 429,
  devices_limit: 429,
  unavailable: 503,
  internal: 500,
};

/** Several fields at fault at once. */
class InvalidFields extends PlatformError {
  readonly errors: NonNullable<Problem['errors']>;

  constructor(errors: NonNullable<Problem['errors']>) {
    super('invalid_request', errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.errors = errors;
  }
}

/** Where validators look, in the words of errors. */
const places: Record<string, string> = { json: 'body', param: 'path', query: 'query', header: 'header' };
/** As many faults are named; a body can be made to hold thousands. */
const MOST_ERRORS = 20;

export function invalidRequest(target: string, error: ZodError): PlatformError {
  const place = places[target] ?? target;
  return invalidFields(
    error.issues.map((issue) => ({
      field: [place, ...issue.path.map(String)].join('.'),
      message: issue.message,
    })),
  );
}

export function invalidFields(errors: NonNullable<Problem['errors']>): PlatformError {
  return new InvalidFields(errors.slice(0, MOST_ERRORS));
}

interface Failed extends Pick<Context, 'req'> {
  get(name: 'platform'): { log: Logger };
}

/** What any error becomes for the client; only what was meant for it is told. */
export function problemResponse(thrown: Error, c: Failed): Response {
  const error = asPlatformError(thrown);
  const log = c.get('platform').log;
  const request = { method: c.req.method, path: c.req.path };
  if (error.code === 'internal') log.error({ ...request, error: thrown }, 'request failed');
  else if (error.code === 'unavailable')
    log.warn({ ...request, error: String(error.cause ?? error) }, 'database unavailable');
  const status = statuses[error.code];
  const problem: Problem = {
    type: `urn:netneural:problem:${error.code}`,
    title: errorTitles[error.code],
    status,
    code: error.code,
    detail: error.message,
    errors: fieldErrors(error),
  };
  const headers = new Headers({ 'content-type': 'application/problem+json' });
  if (error.retryAfter !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfter)));
  if (status === 401) headers.set('www-authenticate', 'Bearer realm="netneural"');
  return new Response(JSON.stringify(problem), { status, headers });
}

function fieldErrors(error: PlatformError): Problem['errors'] {
  if (error instanceof InvalidFields) return error.errors;
  return error.field ? [{ field: error.field, message: error.message }] : undefined;
}

function asPlatformError(error: Error): PlatformError {
  if (error instanceof PlatformError) return error;
  // The validator's own: a body that is no JSON.
  if (error instanceof HTTPException && error.status === 400) {
    return new PlatformError('invalid_request', 'The body is not valid JSON.', { field: 'body' });
  }
  return new PlatformError('internal', 'This failed on our side; it is in the platform’s log.', {
    cause: error,
  });
}
