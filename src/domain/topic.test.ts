import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  filterIsWithin,
  isTopicFilter,
  isTopicName,
  MAX_TOPIC_LEVELS,
  sharedFilter,
  topicMatches,
} from './topic.ts';

/** Few levels, so that generated topics and filters often meet; the empty level and `$…` among them. */
const names = ['a', 'b', '', '$s', '$SYS', 'A'];
const topics = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 6 })
  .map((levels) => levels.join('/'))
  .filter((topic) => topic.length > 0);
const filters = fc
  .tuple(fc.array(fc.constantFrom(...names, '+', '+'), { maxLength: 5 }), fc.constantFrom([], [], ['#']))
  .map(([levels, end]) => [...levels, ...end].join('/'))
  .filter((filter) => filter.length > 0);

/** MQTT's rule, word for word. */
function matches(filter: string[], topic: string[]): boolean {
  const [want, ...wanted] = filter;
  const [name, ...named] = topic;
  if (want === '#') return true;
  if (want === undefined || name === undefined) return want === name;
  return (want === '+' || want === name) && matches(wanted, named);
}

function matchesByTheRule(filter: string, topic: string): boolean {
  const startsWithWildcard = filter.startsWith('+') || filter.startsWith('#');
  if (topic.startsWith('$') && startsWithWildcard) return false;
  return matches(filter.split('/'), topic.split('/'));
}

/**
 * Topics that `filter` matches and that tell it from any other: a level that stands in no filter for
 * each `+`, and for `#` none to more of those than the other filter has levels.
 */
function witnesses(filter: string, other: string): string[] {
  const levels = filter.split('/').map((level) => (level === '+' ? 'fresh' : level));
  if (levels.at(-1) !== '#') return [levels.join('/')];
  const stem = levels.slice(0, -1);
  const counts = [...Array(other.split('/').length + 2).keys()];
  return counts
    .map((count) => [...stem, ...Array(count).fill('fresh')].join('/'))
    .filter((topic) => topic !== '');
}

const many = { numRuns: 5_000 };

describe('topicMatches', () => {
  it('is MQTT’s rule', () => {
    fc.assert(
      fc.property(filters, topics, (filter, topic) => {
        expect(topicMatches(filter, topic)).toBe(matchesByTheRule(filter, topic));
      }),
      many,
    );
  });

  test.each([
    ['#', 'a', true],
    ['#', '/', true],
    ['#', '$SYS/uptime', false],
    ['+/uptime', '$SYS/uptime', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$SYS/#', '$SYS', true],
    ['a/#', 'a', true],
    ['a/#', 'ab', false],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['+', '/', false],
    ['+/+', '/', true],
    ['/+', '/a', true],
    ['a//b', 'a/b', false],
    ['a/+/b', 'a//b', true],
    ['a', 'A', false],
  ])('%s on %s: %s', (filter, topic, expected) => {
    expect(topicMatches(filter, topic)).toBe(expected);
  });
});

describe('filterIsWithin', () => {
  it('is true only where every topic of the one is a topic of the other', () => {
    fc.assert(
      fc.property(filters, filters, topics, (filter, granted, topic) => {
        if (!filterIsWithin(filter, granted)) return;
        for (const each of [topic, ...witnesses(filter, granted)]) {
          if (topicMatches(filter, each)) expect(topicMatches(granted, each), each).toBe(true);
        }
      }),
      many,
    );
  });

  it('is false only where a topic shows it', () => {
    fc.assert(
      fc.property(filters, filters, (filter, granted) => {
        if (filterIsWithin(filter, granted)) return;
        const escaping = witnesses(filter, granted).filter((topic) => !topicMatches(granted, topic));
        expect(escaping).not.toEqual([]);
        expect(topicMatches(filter, escaping[0]!)).toBe(true);
      }),
      many,
    );
  });

  it('takes a topic for the filter of itself', () => {
    fc.assert(
      fc.property(topics, filters, (topic, granted) => {
        expect(filterIsWithin(topic, granted)).toBe(topicMatches(granted, topic));
      }),
      many,
    );
  });

  it('orders filters: each within itself, and within what contains its container', () => {
    fc.assert(
      fc.property(filters, filters, filters, (a, b, c) => {
        expect(filterIsWithin(a, a)).toBe(true);
        if (filterIsWithin(a, b) && filterIsWithin(b, c)) expect(filterIsWithin(a, c)).toBe(true);
      }),
      many,
    );
  });

  test.each([
    ['/#', '/+/#', true],
    ['#', '+/#', true],
    ['org_1/devices/#', 'org_1/devices/#', true],
    ['org_1/devices', 'org_1/devices/#', true],
    ['org_1/devices/+/telemetry', 'org_1/devices/#', true],
    ['org_1/#', 'org_1/devices/#', false],
    ['org_1/+/x', 'org_1/devices/#', false],
    ['org_2/devices/a', 'org_1/devices/#', false],
    ['org_1/devices/a/#', 'org_1/devices/a/+', false],
    ['#', 'org_1/devices/#', false],
    ['+/devices/#', 'org_1/devices/#', false],
    ['$SYS/#', 'org_1/devices/#', false],
    ['$SYS/#', '#', false],
    ['$SYS/x', '+/x', false],
    ['$SYS/x', '$SYS/#', true],
    ['#', '+/#', true],
    ['+/#', '#', true],
    ['#', '+', false],
    ['/', '+/+', true],
    ['/', '+', false],
  ])('%s within %s: %s', (filter, granted, expected) => {
    expect(filterIsWithin(filter, granted)).toBe(expected);
  });
});

describe('what may be asked for', () => {
  test.each([
    ['a', true, true],
    ['/', true, true],
    ['a//b', true, true],
    [' ', true, true],
    ['', false, false],
    ['a\0', false, false],
    ['+', false, true],
    ['#', false, true],
    ['a/+/b', false, true],
    ['a/#', false, true],
    ['#/a', false, false],
    ['a+', false, false],
    ['a/#b', false, false],
    ['+a/#', false, false],
    ['/'.repeat(MAX_TOPIC_LEVELS - 1), true, true],
    ['/'.repeat(MAX_TOPIC_LEVELS), false, false],
  ])('%j: a name %s, a filter %s', (text, name, filter) => {
    expect(isTopicName(text)).toBe(name);
    expect(isTopicFilter(text)).toBe(filter);
  });

  it('is one thing or the other: every name is a filter, and a filter without wildcards is a name', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', '/', '+', '#', '\0', '$', 'é'), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        expect(isTopicName(text)).toBe(isTopicFilter(text) && !/[+#]/.test(text));
      }),
      many,
    );
    fc.assert(fc.property(filters, (filter) => isTopicFilter(filter)));
  });
});

describe('sharedFilter', () => {
  it('takes off exactly what was put before a filter', () => {
    const group = fc.string({ unit: fc.constantFrom('a', 'b', '$', ' '), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(group, filters, (group, filter) => {
        expect(sharedFilter(`$share/${group}/${filter}`)).toEqual({ group, filter });
      }),
    );
    fc.assert(
      fc.property(filters, (filter) => {
        expect(sharedFilter(filter)).toEqual({ group: undefined, filter });
      }),
    );
  });

  test.each([
    '$share/',
    '$share/g',
    '$share/g/',
    '$share//a',
    '$share/+/a',
    '$share/#/a',
    '$share/a+/b',
    '$share/\0/a',
  ])('refuses %j', (filter) => {
    expect(sharedFilter(filter)).toBeUndefined();
  });

  it('leaves no way around a grant', () => {
    expect(sharedFilter('$share/g/#')).toEqual({ group: 'g', filter: '#' });
    const nested = sharedFilter('$share/g/$share/h/org_1/devices/#');
    expect(filterIsWithin(nested!.filter, 'org_1/devices/#')).toBe(false);
    expect(filterIsWithin(sharedFilter('$share')!.filter, '#')).toBe(false);
  });
});
