import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';

export interface Received {
  headers: IncomingHttpHeaders;
  /** As it came: what a signature is of. */
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came is what is being looked at
  body: any;
}

export type Answer = (response: ServerResponse, received: Received) => void;

/** An HTTP server that notifications are posted to. */
export interface Receiver {
  url: string;
  received: Received[];
  /** What it does with what comes from now on. */
  answers: Answer;
  /** Resolves when so many have come since the beginning. */
  has(count: number): Promise<void>;
  close(): Promise<void>;
}

export const ok: Answer = (response) => response.end('ok');
export const hangs: Answer = () => {};
export const closes: Answer = (response) => response.destroy();
export const status =
  (code: number, text = '', headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(code, headers).end(text);

export async function receiver(answers: Answer = ok): Promise<Receiver> {
  const came = new EventEmitter();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const received = { headers: request.headers, text, body: JSON.parse(text) };
      here.received.push(received);
      here.answers(response, received);
      came.emit('one');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const here: Receiver = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/hook`,
    received: [],
    answers,
    async has(count) {
      while (here.received.length < count) await once(came, 'one');
    },
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return here;
}
