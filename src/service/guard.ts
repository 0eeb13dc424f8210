import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { specialKind } from './address.ts';

/**
 * Keeps URLs that customers give us out of networks that are not theirs (DESIGN 12). Every address that a name leads to
 * is checked, and the connection goes to one of those very addresses: asking a second time could give another answer.
 */

export interface GuardOptions {
  /** The operator's ALLOW_PRIVATE_NETWORKS. */
  allowPrivate: boolean;
}

/** The URL leads where customers may not go. The message is for them. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
  readonly code = 'ADDRESS_REFUSED';
}

/** More addresses than anybody needs to try. */
const MOST_ADDRESSES = 16;
/**
 * getaddrinfo occupies one of libuv's four threads for as long as a name server likes; the rest also hash passwords
 * and read files, so names that hang may only have some.
 */
const AT_ONCE = 2;
const MOST_WAITING = 1000;
/** Whoever asked has given up by then. */
const LONGEST_WAIT_MS = 5000;

type Found = (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void;
/** What resolves names, as node:dns does. */
type Ask = (
  hostname: string,
  options: Pick<LookupOptions, 'family' | 'hints'> & { all: true },
  found: Found,
) => void;

const waiting: ((done: () => void) => void)[] = [];
let underway = 0;

/**
 * A `lookup` for node:net and its like. @returns addresses that were all checked, or RefusedAddress.
 * Sockets do not ask it about an IP address as such: `resolveHost` does.
 */
export function guardedLookup({ allowPrivate }: GuardOptions, ask: Ask = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(ask, hostname, options, (error, found) => {
      const refused = error ?? (allowPrivate ? undefined : refusal(hostname, found));
      const [first] = found;
      if (refused || !first) callback(refused ?? notFound(hostname), []);
      else if (options.all) callback(null, found.slice(0, MOST_ADDRESSES));
      else callback(null, first.address, first.family);
    });
  };
}

/** All addresses of a host as `lookup` gives them, for an IP address as well. */
export function resolveHost(host: string, lookup: LookupFunction): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found, family) => {
      if (error) reject(error);
      else if (Array.isArray(found)) resolve(found);
      else resolve([{ address: found, family: family ?? isIP(found) }]);
    });
  });
}

/** A `lookup` that knows nothing but these addresses, so that a connection goes to what was checked. */
export function only(addresses: LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, addresses);
    else callback(null, first!.address, first!.family);
  };
}

function refusal(hostname: string, found: LookupAddress[]): RefusedAddress | undefined {
  for (const { address } of found) {
    const kind = specialKind(address);
    if (kind === undefined) continue;
    // The address behind a name may be the operator's own business.
    const where = hostname === address ? `${address} is` : `${hostname} leads to`;
    const way = 'the operator can allow it with ALLOW_PRIVATE_NETWORKS';
    return new RefusedAddress(`${where} ${kind} address; ${way}`);
  }
  return undefined;
}

function resolveName(ask: Ask, hostname: string, { family, hints }: LookupOptions, found: Found): void {
  const literal = isIP(hostname);
  if (literal !== 0) {
    process.nextTick(found, null, [{ address: hostname, family: literal }]);
    return;
  }
  const busy = Object.assign(new Error('too many names are being resolved'), { code: 'EAI_AGAIN' });
  if (waiting.length >= MOST_WAITING) {
    process.nextTick(found, busy, []);
    return;
  }
  const asked = performance.now();
  waiting.push((done) => {
    const answer: Found = (error, addresses) => {
      done();
      found(error, addresses ?? []);
    };
    if (performance.now() - asked > LONGEST_WAIT_MS) process.nextTick(answer, busy, []);
    else ask(hostname, { all: true, family, hints }, answer);
  });
  startNext();
}

function startNext(): void {
  if (underway >= AT_ONCE) return;
  const start = waiting.shift();
  if (!start) return;
  underway += 1;
  start(() => {
    underway -= 1;
    startNext();
  });
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
}
