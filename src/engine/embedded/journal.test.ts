import { describe, expect, it } from 'vitest';
import type { BrokerChanges } from '../../database/broker.ts';
import { silentLog } from '../../service/log.ts';
import { Journal } from './journal.ts';

/** A journal whose batches end when the test says so. */
function started() {
  const written: { ids: Record<string, number[]>; end: (error?: Error) => void }[] = [];
  const arrivals: (() => void)[] = [];
  const journal = new Journal({
    write: (changes) =>
      new Promise((resolve, reject) => {
        written.push({ ids: idsOf(changes), end: (error) => (error ? reject(error) : resolve()) });
        arrivals.shift()?.();
      }),
    isFinal: (error) => (error as Error).message === 'final',
    failed: (error) => failures.push(error),
    log: silentLog,
  });
  const failures: unknown[] = [];
  const batch = async (index: number) => {
    while (written.length <= index) await new Promise<void>((resolve) => arrivals.push(resolve));
    return written[index]!;
  };
  return { journal, batch, written, failures };
}

function idsOf({ incoming }: BrokerChanges): Record<string, number[]> {
  return {
    inserted: [...incoming.inserted.keys()],
    updated: [...incoming.updated.keys()],
    deleted: [...incoming.deleted],
  };
}

const row = (id: number) => ({ id, sessionId: 1, packetId: id });
const nothing = { inserted: [], updated: [], deleted: [] };

describe('Journal', () => {
  it('writes one batch at a time and collects the next meanwhile', async () => {
    const { journal, batch, written } = started();
    journal.insert('incoming', row(1));
    journal.insert('incoming', row(2));
    const first = await batch(0);
    journal.insert('incoming', row(3));
    journal.insert('incoming', row(4));
    const commit = journal.pending()!;
    expect(written).toHaveLength(1);
    expect(first.ids).toEqual({ ...nothing, inserted: [1, 2] });
    first.end();
    const second = await batch(1);
    expect(second.ids).toEqual({ ...nothing, inserted: [3, 4] });
    expect(commit.done).toBe(false);
    second.end();
    await commit.promise;
    expect(commit.done).toBe(true);
    expect(journal.pending()).toBeUndefined();
  });

  it('writes only the last word on a row', async () => {
    const { journal, batch } = started();
    journal.insert('incoming', row(1));
    (await batch(0)).end();
    journal.update('incoming', row(1));
    journal.remove('incoming', 1);
    journal.insert('incoming', row(2));
    journal.update('incoming', row(2));
    journal.insert('incoming', row(3));
    journal.remove('incoming', 3);
    expect((await batch(1)).ids).toEqual({ inserted: [2], updated: [], deleted: [1] });
  });

  it('writes nothing when everything was undone, and says so to who waits', async () => {
    const { journal, written } = started();
    journal.insert('incoming', row(1));
    journal.remove('incoming', 1);
    await journal.pending()!.promise;
    expect(written).toHaveLength(0);
  });

  it('tries the same batch again until it is written', async () => {
    const { journal, batch } = started();
    journal.insert('incoming', row(1));
    (await batch(0)).end(new Error('away'));
    const commit = journal.pending()!;
    const again = await batch(1);
    expect(journal.failingSince).toBeTypeOf('number');
    expect(again.ids).toEqual({ ...nothing, inserted: [1] });
    again.end();
    await commit.promise;
    expect(journal.failingSince).toBeUndefined();
  });

  it('never tells of a commit after an error that is final', async () => {
    const { journal, batch, failures } = started();
    journal.insert('incoming', row(1));
    const commit = journal.pending()!;
    (await batch(0)).end(new Error('final'));
    journal.insert('incoming', row(2));
    expect(await journal.settled(20)).toBe(false);
    expect(failures).toHaveLength(1);
    expect(commit.done).toBe(false);
  });

  it('stops in the middle of an outage', async () => {
    const { journal, batch } = started();
    journal.insert('incoming', row(1));
    (await batch(0)).end(new Error('away'));
    expect(await journal.settled(10)).toBe(false);
    journal.stop();
  });
});
