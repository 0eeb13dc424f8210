import { expect, test } from 'vitest';
import type { AlertScope } from './alert.ts';
import { scopeOf } from './alert-scope.ts';

const freezer = { id: 'a', name: 'Freezer 12 (north)', tags: ['cold', 'north'], deviceTypeId: 'type' };
const isIn = (scope: AlertScope, device = freezer) => scopeOf(scope)(device);

test.each<[AlertScope, boolean]>([
  [{ kind: 'organization' }, true],
  [{ kind: 'devices', device_ids: ['b', 'a'] }, true],
  [{ kind: 'devices', device_ids: ['b'] }, false],
  [{ kind: 'matching', tags: ['Cold'] }, true],
  [{ kind: 'matching', tags: ['cold', 'south'] }, false],
  [{ kind: 'matching', device_type_id: 'type', tags: ['north'] }, true],
  [{ kind: 'matching', device_type_id: 'other' }, false],
  [{ kind: 'matching', name: 'freezer 12 (north)' }, true],
  [{ kind: 'matching', name: 'freezer' }, false],
  [{ kind: 'matching', name: 'freezer*' }, true],
  [{ kind: 'matching', name: '*12*' }, true],
  [{ kind: 'matching', name: '*(NORTH)' }, true],
  [{ kind: 'matching', name: 'f*2*n*)' }, true],
  [{ kind: 'matching', name: 'f*n*12*' }, false],
  [{ kind: 'matching', name: '*12*12*' }, false],
  [{ kind: 'matching', name: '*.*' }, false],
  [{ kind: 'matching', name: '*' }, true],
])('%o: %s', (scope, expected) => {
  expect(isIn(scope)).toBe(expected);
});

test('ends do not overlap, and many asterisks take no longer than a name has letters', () => {
  const named = (name: string, pattern: string) =>
    isIn({ kind: 'matching', name: pattern }, { ...freezer, name });
  expect(named('aba', 'ab*ba')).toBe(false);
  const begun = performance.now();
  expect(named('a'.repeat(200), `${'*a'.repeat(99)}*b`)).toBe(false);
  expect(performance.now() - begun).toBeLessThan(50);
});
