/// <reference types="node" />
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cmdWord, shellWord, stringLiteral } from './quote.ts';

const awkward = [
  "it's",
  '"quoted"',
  '$HOME `id` $(id)',
  'a\\b\\',
  '100%',
  'ü 温度 🌡',
  '{"temperature":21.5}',
  '*?[a]!~#;&|<>',
];

describe('shellWord', () => {
  it.each(awkward)('passes %s through a real shell unchanged', (text) => {
    expect(execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' })).toBe(text);
  });

  it('quotes anything into one word', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary' }).filter((text) => !/[\0\r]/.test(text) && text.isWellFormed()),
          { maxLength: 20 },
        ),
        (texts) => {
          const script = `printf '%s\\0' ${texts.map(shellWord).join(' ')}`;
          const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
          expect(words).toEqual(texts.length === 0 ? [''] : texts);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves plain words bare', () => {
    expect(shellWord('org_5/devices/a-1/telemetry')).toBe('org_5/devices/a-1/telemetry');
    expect(shellWord('')).toBe("''");
  });
});

it('quotes for the Windows command prompt', () => {
  expect(cmdWord('{"t":1}')).toBe('"{\\"t\\":1}"');
  expect(cmdWord('a b\\')).toBe('"a b\\\\"');
  expect(cmdWord('say \\"')).toBe('"say \\\\\\""');
  expect(cmdWord('100% %PATH%')).toBe('"100"^%" "^%"PATH"^%""');
  expect(cmdWord('plain')).toBe('plain');
});

it('writes literals that evaluate to the text', () => {
  for (const text of awkward) expect(JSON.parse(stringLiteral(text))).toBe(text);
});
