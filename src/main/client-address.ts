import { isIP } from 'node:net';
import type { Platform } from '../http/platform.ts';
import type { Networks } from '../service/networks.ts';

/** More is no way that a request takes; only what an attacker writes. */
const MOST_HOPS = 20;

/**
 * Whom a request comes from. Each proxy adds the address that it saw to X-Forwarded-For, so from its end back it is true
 * as far as the proxies are trusted: the first address that is none of theirs is the client's.
 */
export function clientAddressBehind(trusted: Networks): Platform['clientAddress'] {
  return ({ req, env }) => {
    const { incoming } = env as { incoming?: { socket: { remoteAddress?: string } } };
    let address = incoming?.socket.remoteAddress ?? '';
    const hops = (req.header('x-forwarded-for') ?? '').split(',').slice(-MOST_HOPS);
    while (trusted(address) && hops.length > 0) {
      const hop = hops.pop()!.trim();
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  };
}
