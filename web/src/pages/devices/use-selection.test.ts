import { expect, it } from 'vitest';
import type { Device } from '../../api/types.ts';
import { mostSelected, withSelected } from './use-selection.ts';

const device = (n: number) => ({ id: String(n) }) as Device;
const many = (count: number) => Array.from({ length: count }, (_, n) => device(n));

it('selects as many as a request can name', () => {
  const all = withSelected(new Map(), many(mostSelected + 5), true);
  expect(all.size).toBe(mostSelected);
  expect(withSelected(all, [device(mostSelected + 9)], true).size).toBe(mostSelected);
  const fewer = withSelected(all, [device(3)], false);
  expect(withSelected(fewer, [device(mostSelected + 9)], true).has(String(mostSelected + 9))).toBe(true);
});

it('keeps what is selected already, as it is now', () => {
  const typed = { ...device(1), device_type_id: 'a' };
  const selected = withSelected(withSelected(new Map(), many(2), true), [typed], true);
  expect([...selected.values()]).toEqual([device(0), typed]);
});
