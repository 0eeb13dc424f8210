import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import type { LiveEvent } from './event-stream.ts';
import { refreshOnEvents } from './refresh.ts';

const quarantined = { name: 'integration', data: { kind: 'quarantined' } } as LiveEvent;

/** A page that shows the quarantine, and the platform it asks, which answers when it is told to. */
function opened() {
  const queries = new QueryClient();
  const asked: ((answer: string) => void)[] = [];
  const page = new QueryObserver(queries, {
    queryKey: ['org', 'quarantine', {}],
    queryFn: () => new Promise<string>((resolve) => asked.push(resolve)),
  });
  const leave = page.subscribe(() => {});
  const refresh = refreshOnEvents(queries, 'org');
  ends.push(leave, refresh.end, () => queries.clear());
  const settled = () => new Promise(setImmediate);
  return { page, asked, refresh, settled };
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

it.each([
  ['an event comes', (refresh: ReturnType<typeof refreshOnEvents>) => refresh.handle(quarantined)],
  ['the stream opens', (refresh: ReturnType<typeof refreshOnEvents>) => refresh.opened()],
])('asks again when %s while the first answer is on its way', async (_, happens) => {
  const { page, asked, refresh, settled } = opened();
  happens(refresh);
  expect(asked).toHaveLength(1);
  asked[0]!('before');
  await settled();
  expect(asked).toHaveLength(2);
  asked[1]!('after');
  await settled();
  expect(page.getCurrentResult().data).toBe('after');
  expect(asked).toHaveLength(2);
});

it('asks again when the stream opens, for what was read before', async () => {
  const { asked, refresh, settled } = opened();
  asked[0]!('before');
  await settled();
  refresh.opened();
  expect(asked).toHaveLength(2);
});
