import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { PlatformError } from '../../service/errors.ts';
import type { Env } from '../platform.ts';

const MAX_BODY_BYTES = 1024 * 1024;

export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new PlatformError('payload_too_large', `A body may have ${MAX_BODY_BYTES} bytes at most.`);
  },
});

/** A body is JSON or refused by name; without this it would be read as an empty one. */
export const requireJson = createMiddleware<Env>(async (c, next) => {
  const type = c.req.header('content-type');
  const hasBody = c.req.raw.body !== null && c.req.header('content-length') !== '0';
  if (hasBody && !/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type ?? '')) {
    throw new PlatformError(
      'unsupported_media_type',
      type
        ? `The body is ${type}; send application/json.`
        : 'Say what the body is: Content-Type: application/json.',
    );
  }
  return next();
});
