import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import {
  type CommandState,
  commandEvents,
  commandReasons,
  commandStates,
  commandTransitions,
  finalStates,
  isFinal,
  nextCommandState,
  openStates,
} from './command.ts';

describe('the states of a command', () => {
  it('end where nothing leads on', () => {
    expect(finalStates).toEqual(['succeeded', 'failed', 'expired', 'cancelled', 'undeliverable']);
    expect(openStates).toEqual(['queued', 'published', 'delivered', 'acknowledged']);
    for (const event of commandEvents) {
      for (const state of finalStates) expect(nextCommandState(state, event)).toBeUndefined();
    }
  });

  it('are all reached, and lead to an end', () => {
    const reached = new Set(['queued']);
    for (const state of openStates) {
      const next = Object.values(commandTransitions[state]);
      expect(next.some(isFinal)).toBe(true);
      for (const each of next) reached.add(each);
    }
    expect(reached).toEqual(new Set(commandStates));
  });

  it('go back only when a session is lost that confirmed nothing', () => {
    const order = (state: CommandState) => commandStates.indexOf(state);
    const back = openStates.flatMap((state) =>
      Object.entries(commandTransitions[state]).flatMap(([event, next]) =>
        order(next) <= order(state) ? [`${state} ${event} ${next}`] : [],
      ),
    );
    expect(back).toEqual(['published lose queued']);
  });
});

describe('docs/guides/commands.md', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/commands.md'), 'utf8');

  test('draws these states and nothing else', () => {
    const [, drawing = ''] = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(guide) ?? [];
    const arrows = commandStates.flatMap((state) =>
      Object.entries(commandTransitions[state]).map(([event, next]) => `${state} --> ${next}: ${event}`),
    );
    const ends = finalStates.map((state) => `${state} --> [*]`);
    const drawn = drawing.trim().split(/\s*\n\s*/);
    expect(drawn.toSorted()).toEqual(['[*] --> queued', ...arrows, ...ends].toSorted());
  });

  test('tells of these reasons, in these words', () => {
    const [, rows = ''] = /\| reason \| what it means.*\n\|---\|---\|\n((?:\|.*\n)+)/.exec(guide) ?? [];
    const told = [...rows.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, reason, words]) => [reason, words]);
    expect(told).toEqual(Object.entries(commandReasons));
  });
});
