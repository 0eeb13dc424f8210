import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CommandStreamEvent } from '../../../src/contract/events.ts';
import { refreshCommands } from './refresh-commands.ts';

const event = (id: string, device_id = 'kiln', name = 'heat') =>
  ({ id, device_id, name }) as CommandStreamEvent;
const all = ['org', 'commands', {}];
const waiting = ['org', 'commands', { states: ['queued'] }];
const others = ['org', 'commands', { device: 'mill' }];
const ofDevice = ['org', 'device-commands', 'kiln'];

let queries: QueryClient;
let refresh: ReturnType<typeof refreshCommands>;

beforeEach(() => {
  vi.useFakeTimers();
  queries = new QueryClient();
  const page = { items: [{ id: 'known' }], next_cursor: null };
  for (const key of [all, waiting, others]) queries.setQueryData(key, { pages: [page], pageParams: [] });
  queries.setQueryData(ofDevice, page);
  refresh = refreshCommands(queries, 'org');
});
afterEach(() => {
  refresh.end();
  vi.useRealTimers();
});

const outdated = () =>
  [all, waiting, others, ofDevice].filter((key) => queries.getQueryState(key)?.isInvalidated);

it('asks again for lists that lack a command, or may have to let it go', () => {
  refresh.tell(event('new'));
  expect(outdated()).toEqual([all, waiting, ofDevice]);
});

it('asks for none that have it and are not narrowed by state', () => {
  refresh.tell(event('known'));
  expect(outdated()).toEqual([waiting]);
});

it('gathers what comes within a second', () => {
  refresh.tell(event('known'));
  refresh.tell(event('new', 'mill'));
  expect(outdated()).toEqual([waiting]);
  vi.advanceTimersByTime(1000);
  expect(outdated()).toEqual([all, waiting, others]);
});
