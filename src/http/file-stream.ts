import type { Context } from 'hono';
import { encode } from './event-stream.ts';
import type { Env } from './platform.ts';

interface File {
  name: string;
  contentType: string;
  headers?: Record<string, string>;
  /** What it holds, piece by piece: the next one is made when the client has taken the one before. */
  pieces: AsyncGenerator<string>;
  /** Called once, whoever ended it. */
  onEnd(): void;
}

/**
 * Answers with a file of any size, of which one piece is in memory. When the client goes away no further piece is made;
 * when making one fails the connection breaks, so that nobody takes what has come for all of it.
 */
export function fileStream(c: Context<Env>, { name, contentType, headers, pieces, onEnd }: File): Response {
  const { log } = c.get('platform');
  // Who asks with HEAD reads nothing of it, nor says that it is enough.
  if (c.req.method === 'HEAD') onEnd();
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(encode(value));
          controller.close();
        } catch (error) {
          log.warn({ error: String(error), name }, 'a file broke off');
          controller.error(error);
        }
        onEnd();
      },
      async cancel() {
        onEnd();
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(stream, {
    headers: {
      'content-type': contentType,
      'content-disposition': attachment(name),
      'x-accel-buffering': 'no',
      ...headers,
    },
  });
}

/** RFC 6266: the name in ASCII, and as it is. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${whole}`;
}
