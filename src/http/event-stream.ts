/**
 * One client's end of the event stream, in the format of Server-Sent Events (HTML standard, section 9.2). What the
 * client has not taken yet is bounded: one that reads too slowly is cut off, and resumes where it was.
 */
export interface EventStream {
  readonly response: Response;
  /** Nothing after `close` and for a client that is gone. */
  send(bytes: Uint8Array): void;
  close(): void;
}

/** Room for the largest catching-up (5,000 readings) with values to spare. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** How soon a browser comes back after a break. */
const RETRY_MS = 1000;

/** @param onEnd called once, whoever ended it */
export function openEventStream(onEnd: () => void): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  const stream = new ReadableStream<Uint8Array>(
    {
      start(started) {
        controller = started;
        controller.enqueue(encode(`retry: ${RETRY_MS}\n\n`));
      },
      cancel: end,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BUFFERED_BYTES }),
  );
  return {
    response: new Response(stream, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store, no-transform',
        // Proxies of nginx's kind hold a response back until it is large enough to be worth sending.
        'x-accel-buffering': 'no',
      },
    }),
    send(bytes) {
      if (ended) return;
      if (controller.desiredSize! < bytes.length) {
        controller.error(new Error('the client of an event stream reads too slowly'));
        end();
        return;
      }
      controller.enqueue(bytes);
    },
    close() {
      if (ended) return;
      controller.close();
      end();
    },
  };
}

const encoder = new TextEncoder();
export const encode = (text: string) => encoder.encode(text);
