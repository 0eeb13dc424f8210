import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../domain/topic.ts';
import type { QoS } from './message.ts';
import { SubscriptionTrie } from './subscription-trie.ts';

const level = fc.constantFrom('a', 'b', '', '$x');
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open || levels.length === 0 ? ['#'] : [])].join('/'));

describe('SubscriptionTrie', () => {
  it('matches what each filter alone matches, with the highest QoS', () => {
    const subscription = fc.record({
      filter: filters,
      subscriber: fc.constantFrom('x', 'y', 'z'),
      qos: fc.constantFrom<QoS>(0, 1, 2),
    });
    fc.assert(
      fc.property(fc.array(subscription, { maxLength: 12 }), topics, (subscriptions, topic) => {
        const trie = new SubscriptionTrie<string>();
        const stands = new Map<string, (typeof subscriptions)[number]>();
        for (const each of subscriptions) {
          trie.add(each.filter, each.subscriber, each.qos);
          stands.set(`${each.subscriber} ${each.filter}`, each);
        }
        const expected = new Map<string, QoS>();
        for (const { filter, subscriber, qos } of stands.values()) {
          if (!topicMatches(filter, topic)) continue;
          expected.set(subscriber, Math.max(qos, expected.get(subscriber) ?? 0) as QoS);
        }
        expect(trie.match(topic)).toEqual(expected);
        expect(trie.matches(topic)).toBe(expected.size > 0);
      }),
    );
  });

  it('forgets what is removed, and only that', () => {
    fc.assert(
      fc.property(fc.uniqueArray(filters, { maxLength: 8 }), fc.nat(), topics, (all, pick, topic) => {
        const trie = new SubscriptionTrie<string>();
        for (const filter of all) trie.add(filter, filter, 1);
        const removed = all[pick % Math.max(1, all.length)];
        if (removed !== undefined) trie.remove(removed, removed);
        const left = all.filter((filter) => filter !== removed && topicMatches(filter, topic));
        expect([...trie.match(topic).keys()].sort()).toEqual(left.sort());
      }),
    );
  });

  it('changes its version when an answer may have changed, and not else', () => {
    const trie = new SubscriptionTrie<string>();
    trie.add('a/+', 'x', 0);
    const added = trie.version;
    trie.remove('a/+', 'y');
    trie.remove('a/b', 'x');
    expect(trie.version).toBe(added);
    trie.remove('a/+', 'x');
    expect(trie.version).not.toBe(added);
  });
});
