import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('so many at a time, the others in the order of asking, also behind one that fails', async () => {
  const slots = new Slots(2);
  const running: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<void>>();
  const all = ['a', 'b', 'c', 'd'].map((name) =>
    slots.run(async () => {
      running.push(name);
      const end = Promise.withResolvers<void>();
      ends.set(name, end);
      await end.promise;
      return name;
    }),
  );
  expect(running).toEqual(['a', 'b']);
  ends.get('b')!.reject(new Error('no'));
  await expect(all[1]).rejects.toThrow('no');
  expect(running).toEqual(['a', 'b', 'c']);
  ends.get('a')!.resolve();
  await all[0];
  expect(running).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd']) ends.get(name)!.resolve();
  expect(await Promise.all([all[0], all[2], all[3]])).toEqual(['a', 'c', 'd']);
  expect(await slots.run(async () => 'e')).toBe('e');
});
