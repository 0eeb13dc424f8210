import { expect, it } from 'vitest';
import { csvLines, readCsv } from './csv.ts';

it('quotes what has to be, and gives formulas an apostrophe but leaves numbers alone', () => {
  const lines = csvLines([
    ['a "b"', 'c,d', 'e\nf', null, undefined, true],
    ['=1+1', '+49', '-x', '@x', -5.5, 'x=1'],
  ]);
  expect(lines).toBe(`"a ""b""","c,d","e\nf",,,true\r\n"'=1+1","'+49","'-x","'@x",-5.5,x=1\r\n`);
  expect(csvLines([])).toBe('');
});

it.each([
  ['a byte order mark', '\ufeffid,name\r\n1,x\r\n'],
  ['semicolons', 'id;name\n1;x'],
  ['tabs', 'id\tname\n1\tx\n'],
  ['quotes, and names in any case', '"ID","Name"\r\n"1","x"'],
  ['old line ends', 'id,name\r1,x\r'],
])('reads %s', (_, text) => {
  const { columns, lines } = readCsv(text, 10);
  expect(columns).toEqual(['id', 'name']);
  expect(lines.map(({ line, cells }) => [line, ...cells])).toEqual([[2, ['id', '1'], ['name', 'x']]]);
});

it('counts lines as they stand, those without anything too, and says which is no CSV', () => {
  const { lines } = readCsv('id,name\n\n1,a\n , \n2,"b\n', 10);
  expect(lines.map(({ line }) => line)).toEqual([3, 5]);
  expect(lines[0]!.problem).toBeUndefined();
  expect(lines[1]!.problem).toMatch(/quote/i);
  const [long, short] = readCsv('id,name\n1,2,3\n4', 10).lines;
  expect(long!.problem).toBe('has more cells than there are columns');
  expect([...short!.cells]).toEqual([['id', '4']]);
});

it('gives back what it wrote', () => {
  const cells = ['=1+1', '-7', "'quoted'", 'a "b"', 'ü;ä', '@'];
  const { lines } = readCsv(csvLines([['a', 'b', 'c', 'd', 'e', 'f'], cells]), 10);
  expect([...lines[0]!.cells.values()]).toEqual(cells);
});

it('refuses too many lines, and a column that is there twice', () => {
  expect(() => readCsv('id\n1\n2\n3', 2)).toThrow('2 lines');
  expect(() => readCsv('id,ID\n1,2', 2)).toThrow('twice');
  expect(readCsv('', 2)).toEqual({ columns: [], lines: [] });
});
