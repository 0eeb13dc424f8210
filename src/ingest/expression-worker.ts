/**
 * The process that runs organizations' expressions: started by expression-process.ts with the path of JSONata, it
 * answers one batch after the other. Its heap is capped, its environment empty, files and further processes are denied.
 */
import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { Script } from 'node:vm';
import { type AskedMessage, ExpressionRealm, type Ran } from './expression-realm.ts';

/** Messages of one integration. */
export interface Batch {
  integrationId: string;
  expression: string;
  messages: AskedMessage[];
}

export type FromWorker = { ready: true } | Ran;

/** A realm takes 0.4 MB, and 2 ms to make. */
const MOST_REALMS = 40;
/** Share of the heap; so many realms, with what they leave behind, reach 0.6. */
const MOST_HEAP = 0.75;

const jsonata = new Script(readFileSync(process.argv[2]!, 'utf8'));
/** By integration, least recently used first: one organization never runs in another's realm. */
const realms = new Map<string, ExpressionRealm>();

function realmOf(integrationId: string, expression: string): ExpressionRealm {
  let realm = realms.get(integrationId);
  if (realm?.expression !== expression) realm = new ExpressionRealm(jsonata, expression);
  realms.delete(integrationId);
  realms.set(integrationId, realm);
  if (realms.size > MOST_REALMS) realms.delete(realms.keys().next().value!);
  return realm;
}

function answer({ integrationId, expression, messages }: Batch): void {
  const realm = realmOf(integrationId, expression);
  const ran = realm.run(messages);
  if (!realm.usable) realms.delete(integrationId);
  // What one realm hoards must not be the end of another's message.
  const heap = getHeapStatistics();
  if (heap.used_heap_size > heap.heap_size_limit * MOST_HEAP) realms.clear();
  say(ran);
}

function say(message: FromWorker): void {
  process.send!(message);
}

process.on('message', answer);
// Without a platform there is nothing to do. What runs then ends with its time.
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of a terminal; the platform decides when this one ends.
process.on('SIGINT', () => {});
// A promise that an expression left behind when its time was over.
process.on('unhandledRejection', () => {});
say({ ready: true });
