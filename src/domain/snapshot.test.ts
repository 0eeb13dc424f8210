import { expect, it } from 'vitest';
import { parseSnapshot } from './snapshot.ts';

it('reads what pg_current_snapshot() writes', () => {
  expect(parseSnapshot('10:20:10,14,15')).toEqual({
    text: '10:20:10,14,15',
    end: 20n,
    underWay: ['10', '14', '15'],
  });
  expect(parseSnapshot('7:7:')).toEqual({ text: '7:7:', end: 7n, underWay: [] });
});

it.each([
  '',
  'x',
  '1:2',
  '1:2:3:4',
  '0:5:',
  '9:5:',
  '5:9:4',
  '5:9:9',
  '5:9:7,6',
  '5:9:7,7',
  '5:9:7,',
  '-1:9:',
  ' 5:9:',
  '5:9:\n',
  '5:99999999999999999999:',
  '5:9223372036854775808:',
  `1:9000000:${Array.from({ length: 5000 }, (_, n) => n + 1).join(',')}`,
])('refuses %j', (text) => expect(parseSnapshot(text)).toBeUndefined());
