import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { guardedLookup } from '../service/guard.ts';
import { problemOf } from './problems.ts';
import { openTransport } from './transport.ts';

const requests: IncomingMessage[] = [];
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'mqtt' });
server.on('connection', (socket, request) => {
  requests.push(request);
  socket.on('message', (bytes) => socket.send(bytes));
  socket.send(Buffer.from('hello'));
});
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
afterAll(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

const lookup = guardedLookup({ allowPrivate: true });
const { signal } = new AbortController();

test('a WebSocket is a stream of bytes; user and password stay out of HTTP', async () => {
  const steps: string[] = [];
  const target = { url: `ws://u:p@127.0.0.1:${port}` };
  const stream = await openTransport(target, { lookup, signal, onStep: (step) => steps.push(step) });
  expect(steps).toEqual(['resolve', 'connect', 'websocket']);
  expect(String(await once(stream, 'data'))).toBe('hello');
  const { url, headers } = requests.at(-1)!;
  expect([url, headers['sec-websocket-protocol'], headers.authorization]).toEqual([
    '/mqtt',
    'mqtt',
    undefined,
  ]);
  stream.destroy();
});

test('a message beyond the limit ends it, with a reason', async () => {
  const target = { url: `ws://127.0.0.1:${port}/other?a=b` };
  const stream = await openTransport(target, { lookup, signal, messageBytes: 100 });
  expect(requests.at(-1)!.url).toBe('/other?a=b');
  const failed = new Promise<unknown>((resolve) => stream.once('error', resolve));
  stream.resume();
  stream.write(Buffer.alloc(101));
  expect(problemOf(await failed).code).toBe('packet_too_large');
});

test('a name is resolved once, and the connection goes to what was answered then', async () => {
  const answers = ['127.0.0.1', '192.0.2.1'];
  const changing: LookupFunction = (_hostname, options, found) => lookup(answers.shift()!, options, found);
  const stream = await openTransport({ url: `ws://rebinding.example:${port}` }, { lookup: changing, signal });
  expect(answers).toEqual(['192.0.2.1']);
  expect(requests.at(-1)!.headers.host).toBe(`rebinding.example:${port}`);
  stream.destroy();
});

test('whoever opens it may give up', async () => {
  const stop = new AbortController();
  const hangs: LookupFunction = () => stop.abort(new Error('enough'));
  const opening = openTransport({ url: 'mqtt://a.example' }, { lookup: hangs, signal: stop.signal });
  await expect(opening).rejects.toThrow('resolve failed: enough');
});
