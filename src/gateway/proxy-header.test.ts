import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthAfter, sourceAddress, takeProxyHeader } from './proxy-header.ts';

const signature = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');
const header = (command: string, family: string, body: string) => {
  const bytes = hex(body);
  return Buffer.concat([
    hex(`${signature}${command}${family}${bytes.length.toString(16).padStart(4, '0')}`),
    bytes,
  ]);
};
const parse = (bytes: Buffer) => {
  const head = bytes.subarray(0, 16);
  return sourceAddress(head, bytes.subarray(16, 16 + lengthAfter(head)));
};
const ipv4 = 'c0000207 0a000001 d431 075b';
const ipv6 = '20010db8000000000000000000000007 20010db8000000000000000000000001 d431 22b3';
const mapped = '00000000000000000000ffffc0000207 20010db8000000000000000000000001 d431 22b3';
/** What AWS adds: PP2_TYPE_AWS with the id of an endpoint. */
const more = 'ea0005 01 76706365';

describe('a header of PROXY protocol v2', () => {
  test.each([
    ['IPv4', header('21', '11', ipv4), '192.0.2.7'],
    ['IPv4 with more behind it', header('21', '11', ipv4 + more), '192.0.2.7'],
    ['IPv6', header('21', '21', ipv6), '2001:db8::7'],
    ['IPv4 as IPv6', header('21', '21', mapped), '192.0.2.7'],
    ['a health check of the proxy’s own', header('20', '00', ''), undefined],
    ['the same with addresses', header('20', '11', ipv4), undefined],
    ['a client of which nothing is known', header('21', '00', more), undefined],
    ['a Unix socket', header('21', '31', '00'.repeat(216)), undefined],
  ])('of %s', (_name, bytes, address) => {
    expect(parse(bytes)).toBe(address);
  });

  test.each([
    ['version 1', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 54321 1883\r\n')],
    ['MQTT', hex('101800044d5154540402003c000c6e6f742d612d70726f7879')],
    ['another version', header('31', '11', ipv4)],
    ['an unknown command', header('22', '11', ipv4)],
    ['datagrams', header('21', '12', ipv4)],
    ['an unknown family', header('21', '41', ipv4)],
    ['addresses that are cut off', header('21', '11', ipv4.slice(0, -2))],
    ['a length beyond all sense', hex(`${signature}2111ffff`)],
  ])('is not: %s', (_name, bytes) => {
    expect(() => parse(bytes)).toThrow('a proxy');
  });
});

/** What comes of a stream that gives these bytes in these pieces, and what is left behind the header. */
function through(pieces: Buffer[]): Promise<{ address: string | undefined; rest: Buffer } | Error> {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  const outcome = new Promise<{ address: string | undefined; rest: Buffer } | Error>((resolve) => {
    takeProxyHeader(
      stream,
      (address) => {
        const rest: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => rest.push(chunk));
        stream.on('end', () => resolve({ address, rest: Buffer.concat(rest) }));
      },
      resolve,
    );
    stream.once('close', () => resolve(new Error('it ended')));
  });
  const give = () => {
    const piece = pieces.shift();
    stream.push(piece ?? null);
    if (piece) setImmediate(give);
    else stream.end();
  };
  give();
  return outcome;
}

/** Bytes in pieces of whatever sizes. */
const cut = (bytes: Buffer, at: number[]) => {
  const edges = [...new Set([0, ...at.map((edge) => edge % (bytes.length + 1)), bytes.length])].sort(
    (one, other) => one - other,
  );
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};
const edges = fc.array(fc.nat(5000), { maxLength: 10 });

describe('the stream behind it', () => {
  test('goes on with the very next byte, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(edges, fc.uint8Array({ maxLength: 2000 }), async (at, rest) => {
        const bytes = Buffer.concat([header('21', '21', ipv6 + more), rest]);
        expect(await through(cut(bytes, at))).toEqual({ address: '2001:db8::7', rest: Buffer.from(rest) });
      }),
      { numRuns: 200 },
    );
  });

  test('of whatever bytes is let through or refused, and never waits with a whole header', async () => {
    const begun = fc.tuple(
      fc.constantFrom('', signature, `${signature}21`, `${signature}2111`, `${signature}21210024`),
      fc.uint8Array({ maxLength: 300 }),
    );
    await fc.assert(
      fc.asyncProperty(begun, edges, async ([beginning, rest], at) => {
        const bytes = Buffer.concat([hex(beginning), rest]);
        const outcome = await through(cut(bytes, at));
        if (outcome instanceof Error) return;
        expect(bytes.subarray(0, 12)).toEqual(hex(signature));
        expect(bytes.subarray(16 + bytes.readUInt16BE(14))).toEqual(outcome.rest);
      }),
      { numRuns: 1000 },
    );
  });
});
