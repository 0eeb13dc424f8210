import type { Duplex } from 'node:stream';
import ipaddr from 'ipaddr.js';

/**
 * The header with which a load balancer says who is behind a connection: PROXY protocol, version 2 (section 2.2 of
 * https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt).
 */

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
/** Signature, version and command, family, length of the rest. */
const HEAD_BYTES = 16;
/** Two addresses and what a balancer adds to them, which takes some hundred bytes. */
const MOST_BYTES = 4096;

const LOCAL = 0x20;
const PROXY = 0x21;
/** Of each family over a stream: the bytes of one address. Those of Unix sockets are none that would say anything. */
const addressBytes: Record<number, number> = { 17: 4, 33: 16 };
const UNSPECIFIED = 0x00;
const UNIX = 0x31;

/** @returns how many bytes follow @throws Error for what is no header, or one that is not allowed */
export function lengthAfter(head: Buffer): number {
  if (head.length < HEAD_BYTES || !head.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new Error('a proxy sends no header of PROXY protocol v2');
  const length = head.readUInt16BE(14);
  if (length > MOST_BYTES) throw new Error(`a proxy sends a header of ${length} bytes`);
  return length;
}

/**
 * @param body what follows the head
 * @returns the client's address; undefined when the proxy speaks for itself, or does not know
 * @throws Error for what is none
 */
export function sourceAddress(head: Buffer, body: Buffer): string | undefined {
  const [command, family] = [head[12]!, head[13]!];
  if (command === LOCAL) return undefined;
  if (command !== PROXY) throw new Error('a proxy sends another version of PROXY protocol');
  if (family === UNSPECIFIED || family === UNIX) return undefined;
  const size = addressBytes[family];
  // Both addresses and both ports.
  if (size === undefined || body.length < 2 * size + 4)
    throw new Error('a proxy sends an address that can’t be read');
  return ipaddr.process(ipaddr.fromByteArray([...body.subarray(0, size)]).toString()).toString();
}

/**
 * Takes the header off a stream, and not a byte more.
 * @param taken with the client's address, as `sourceAddress`; the stream goes on behind the header
 * @param refused there is none; what is to become of the stream is the caller's to say
 */
export function takeProxyHeader(
  stream: Duplex,
  taken: (address: string | undefined) => void,
  refused: (error: Error) => void,
): void {
  let head: Buffer | null = null;
  const read = () => {
    try {
      head ??= stream.read(HEAD_BYTES) as Buffer | null;
      if (!head) return;
      const length = lengthAfter(head);
      const body = length === 0 ? Buffer.alloc(0) : (stream.read(length) as Buffer | null);
      if (!body) return;
      if (body.length < length) throw new Error('a proxy broke off in its header');
      const address = sourceAddress(head, body);
      stream.off('readable', read);
      // Only at its next tick the stream finds that nobody waits any more: until then it would not flow.
      process.nextTick(taken, address);
    } catch (error) {
      stream.off('readable', read);
      refused(error as Error);
    }
  };
  stream.on('readable', read);
}
