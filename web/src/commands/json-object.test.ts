import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readJsonObject } from './json-object.ts';

it.each([
  ['', 1, 'there is no JSON yet; {} is the shortest'],
  ['[1]', 1, 'params are an object: begin with {'],
  ['{\n  "a": 1,\n}', 2, 'there is a comma before }'],
  ['{\n  "a": 1\n  "b": 2\n}', 3, 'a comma or } is missing here'],
  ["{\n  'a': 1\n}", 2, 'names stand in double quotes: "a"'],
  ['{a: 1}', 1, 'names stand in double quotes: "a"'],
  ['{"a" 1}', 1, 'a : is missing between a name and its value'],
  ['{"a": }', 1, 'a value is missing here'],
  ['{"a": eco}', 1, 'eco is no value; texts stand in double quotes: "eco"'],
  ['{"a": 01}', 1, '01 is no number; they look like 12, -3.5 or 1e6'],
  ['{"a": [1, 2}', 1, 'a comma or ] is missing here'],
  ['{\n"a": {"b": 1\n', 2, 'the { is never closed with }'],
  ['{"a": "eco}\n', 1, 'a text is not closed with " on its line'],
  ['{"a": "C:\\dir"}', 1, 'a text has a \\ or a tab in it that must be written \\\\ or \\t'],
  ['{} x', 1, 'there is something behind the last }'],
])('says where %j is no JSON and why', (text, line, reason) => {
  expect(readJsonObject(text)).toEqual({ line, reason });
});

it('takes what JSON.parse takes, and only that', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.nat(),
      fc.string({ maxLength: 2 }),
      (value, at, other) => {
        const text = JSON.stringify(value, null, 1);
        const place = at % (text.length + 1);
        for (const tried of [text, text.slice(0, place) + other + text.slice(place + 1)]) {
          expect('value' in readJsonObject(tried), tried).toBe(isObject(tried));
        }
      },
    ),
    { numRuns: 500 },
  );
});

function isObject(text: string): boolean {
  try {
    return JSON.parse(text)?.constructor === Object && text.trimStart().startsWith('{');
  } catch {
    return false;
  }
}
