import type { Context } from 'hono';
import { expect, test } from 'vitest';
import { networks } from '../service/networks.ts';
import { clientAddressBehind } from './client-address.ts';

const clientAddress = clientAddressBehind(networks('10.0.0.0/8, 2001:db8::/32'));

test.each([
  ['a client itself', '192.0.2.7', undefined, '192.0.2.7'],
  ['a client that claims another address', '192.0.2.7', '198.51.100.1', '192.0.2.7'],
  ['behind a proxy', '10.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['behind a proxy of IPv4 that is seen as IPv6', '::ffff:10.0.0.1', '192.0.2.7', '192.0.2.7'],
  ['behind two, whatever it claimed', '10.0.0.1', '198.51.100.1, 192.0.2.7, 2001:db8::7', '192.0.2.7'],
  ['the proxy itself', '10.0.0.1', undefined, '10.0.0.1'],
  ['a proxy that writes something else', '10.0.0.1', 'unknown', '10.0.0.1'],
  ['nobody but proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
])('%s', (_name, remoteAddress, forwarded, address) => {
  const c = {
    req: { header: () => forwarded },
    env: { incoming: { socket: { remoteAddress } } },
  } as unknown as Pick<Context, 'req' | 'env'>;
  expect(clientAddress(c)).toBe(address);
});
