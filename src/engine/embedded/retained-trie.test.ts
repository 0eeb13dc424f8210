import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../domain/topic.ts';
import { RetainedTrie } from './retained-trie.ts';

const level = fc.constantFrom('a', 'b', '', '$x');
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open || levels.length === 0 ? ['#'] : [])].join('/'));

function trieOf(names: readonly string[]): RetainedTrie<string> {
  const trie = new RetainedTrie<string>();
  for (const name of names) trie.set(name, name);
  return trie;
}

describe('RetainedTrie', () => {
  it('finds exactly the topics that a filter matches', () => {
    fc.assert(
      fc.property(fc.uniqueArray(topics, { maxLength: 20 }), filters, (names, filter) => {
        const found = [...trieOf(names).match(filter)].sort();
        expect(found).toEqual(names.filter((name) => topicMatches(filter, name)).sort());
      }),
    );
  });

  it('holds the last value of each topic until it is deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(topics, fc.boolean())), (steps) => {
        const trie = new RetainedTrie<number>();
        const expected = new Map<string, number>();
        for (const [index, [topic, isSet]] of steps.entries()) {
          if (isSet) {
            trie.set(topic, index);
            expected.set(topic, index);
          } else {
            trie.delete(topic);
            expected.delete(topic);
          }
        }
        expect(trie.size).toBe(expected.size);
        for (const [topic] of steps) expect(trie.get(topic)).toBe(expected.get(topic));
      }),
    );
  });

  it('goes on where it was when topics come and go meanwhile', () => {
    const trie = trieOf(['a/1', 'a/2', 'a/3']);
    const found = trie.match('a/+');
    expect(found.next().value).toBe('a/1');
    trie.delete('a/1');
    trie.delete('a/2');
    trie.set('a/4', 'a/4');
    expect([...found]).toEqual(['a/3', 'a/4']);
  });
});
