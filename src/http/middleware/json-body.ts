import type { HonoRequest, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { PlatformError } from '../../service/errors.ts';

/** Refuses bodies that are larger, also where no length announces it. */
export function limitBody(bytes: number): MiddlewareHandler {
  return bodyLimit({
    maxSize: bytes,
    onError: () => {
      throw new PlatformError('payload_too_large', `A body may have ${bytes} bytes at most.`);
    },
  });
}

/** A body is JSON or refused by name; without this it would be read as an empty one. */
export const requireJson = requireType(/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i, 'application/json');
/** The same of a table. */
export const requireCsv = requireType(/^text\/csv\s*(;|$)/i, 'text/csv');

function requireType(wanted: RegExp, name: string): MiddlewareHandler {
  return createMiddleware(async (c, next) => {
    const type = c.req.header('content-type');
    if (hasBody(c.req) && !wanted.test(type ?? '')) {
      throw new PlatformError(
        'unsupported_media_type',
        type ? `The body is ${type}; send ${name}.` : `Say what the body is: Content-Type: ${name}.`,
      );
    }
    return next();
  });
}

/**
 * What comes over a socket has a stream for a body even where nothing follows: only a length or an encoding
 * announces one (RFC 9112, 6.3). Where the adapter hides both, a type does.
 */
function hasBody(request: HonoRequest): boolean {
  const header = (name: string) => request.header(name);
  const length = header('content-length');
  const announced =
    length === undefined ? Boolean(header('transfer-encoding') ?? header('content-type')) : length !== '0';
  return request.raw.body !== null && announced;
}
