import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Can, type Capability, capabilities, engines } from './capabilities.ts';

test('docs/engines.md says of each engine what the suite expects of it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/engines.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith('What one can'));
  const [head, , ...rows] = section!.split('\n').filter((line) => line.startsWith('|'));
  const cells = (row: string) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const [, ...columns] = cells(head!).map((name) => name.replaceAll('`', ''));
  const said = Object.fromEntries(
    rows
      .map(cells)
      .map(([sentence, ...answers]) => [
        sentence,
        Object.fromEntries(columns.map((name, at) => [name, answers[at]])),
      ]),
  );
  const known = Object.entries(capabilities) as [Capability, string][];
  const expected = Object.fromEntries(
    known.map(([capability, sentence]) => [
      sentence,
      Object.fromEntries(
        Object.entries<Can>(engines).map(([name, can]) => [name, can[capability] ? 'yes' : 'no']),
      ),
    ]),
  );
  expect(said).toEqual(expected);
});
