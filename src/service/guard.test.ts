import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { guardedLookup, only, RefusedAddress, resolveHost } from './guard.ts';

/** A name server that knows these names. */
function nameServer(names: Record<string, string[]>) {
  const asked: string[] = [];
  return {
    asked,
    ask(hostname: string, _: unknown, found: (error: null, addresses: LookupAddress[]) => void) {
      asked.push(hostname);
      const addresses = names[hostname] ?? [];
      const family = (address: string) => (address.includes(':') ? 6 : 4);
      process.nextTick(
        found,
        null,
        addresses.map((address) => ({ address, family: family(address) })),
      );
    },
  };
}

const closed = { allowPrivate: false };

describe('the guard', () => {
  test('gives the addresses of a public name, all or the first', async () => {
    const { ask } = nameServer({ 'a.example': ['8.8.8.8', '2606:4700::1'] });
    const lookup = guardedLookup(closed, ask);
    const found = [
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ];
    expect(await resolveHost('a.example', lookup)).toEqual(found);
    const first = await new Promise((resolve) => lookup('a.example', {}, (...answer) => resolve(answer)));
    expect(first).toEqual([null, '8.8.8.8', 4]);
  });

  test.each([
    ['only', ['10.0.0.5']],
    ['last', ['8.8.8.8', '8.8.4.4', '10.0.0.5']],
    ['in IPv6', ['2606:4700::1', '::ffff:10.0.0.5']],
  ])('refuses a name with a private address: %s', async (_, addresses) => {
    const { ask } = nameServer({ 'a.example': addresses });
    const refused = resolveHost('a.example', guardedLookup(closed, ask));
    await expect(refused).rejects.toThrow(RefusedAddress);
    await expect(refused).rejects.toThrow(
      'a.example leads to a private address; the operator can allow it with ALLOW_PRIVATE_NETWORKS',
    );
    const allowed = await resolveHost('a.example', guardedLookup({ allowPrivate: true }, ask));
    expect(allowed.map(({ address }) => address)).toEqual(addresses);
  });

  test('refuses an address as such, without asking anybody', async () => {
    const { ask, asked } = nameServer({});
    await expect(resolveHost('10.0.0.5', guardedLookup(closed, ask))).rejects.toThrow(
      '10.0.0.5 is a private address; the operator can allow it with ALLOW_PRIVATE_NETWORKS',
    );
    await expect(resolveHost('::1', guardedLookup(closed, ask))).rejects.toThrow('::1 is a loopback address');
    expect(await resolveHost('8.8.8.8', guardedLookup(closed, ask))).toEqual([
      { address: '8.8.8.8', family: 4 },
    ]);
    expect(asked).toEqual([]);
  });

  test('asks the system where nothing else is given', async () => {
    await expect(resolveHost('localhost', guardedLookup(closed))).rejects.toThrow('a loopback address');
  });

  test('a name without an address, and one of too many', async () => {
    const { ask } = nameServer({ many: Array.from({ length: 100 }, (_, n) => `8.8.8.${n}`) });
    await expect(resolveHost('none', guardedLookup(closed, ask))).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
    expect(await resolveHost('many', guardedLookup(closed, ask))).toHaveLength(16);
  });

  test('names that hang hold up two look-ups at once, and nobody beyond the thousandth waits', async () => {
    const held: (() => void)[] = [];
    const lookup = guardedLookup(closed, (_hostname, _options, found) => {
      held.push(() => found(null, [{ address: '8.8.8.8', family: 4 }]));
    });
    const all = Array.from({ length: 1003 }, () => resolveHost('slow.example', lookup));
    await expect(all[1002]).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    expect(held).toHaveLength(2);
    while (held.length > 0) held.shift()!();
    expect(await Promise.all(all.slice(0, 1002))).toHaveLength(1002);
  });

  test('a connection knows no other addresses than those that were checked', async () => {
    const addresses = [{ address: '8.8.8.8', family: 4 }];
    expect(await resolveHost('whatever', only(addresses))).toEqual(addresses);
  });
});
