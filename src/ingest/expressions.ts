import { setTimeout as pause } from 'node:timers/promises';
import type { DecodeInput } from '../decode/decoder.ts';
import { parseJson } from '../decode/json.ts';
import { refused } from '../decode/text.ts';
import { readTree } from '../decode/tree.ts';
import type { Decoded } from '../domain/reading.ts';
import type { Service } from '../service/lifecycle.ts';
import type { Logger } from '../service/log.ts';
import { ExpressionHolds } from './expression-holds.ts';
import { type Ending, ExpressionProcess } from './expression-process.ts';
import type { Answer, Ran } from './expression-realm.ts';

export interface ExpressionRequest {
  integrationId: string;
  /** JSONata. It sees `{payload, base64, topic, levels}`. */
  expression: string;
  input: DecodeInput;
  /** Asked in its turn: what nobody waits for any more is not run. */
  isWanted?(): boolean;
}

/** One runs while the other is held up or being replaced; more would take the machine’s cores from ingest. */
const PROCESSES = 2;
export const MOST_EXPRESSION_CHARACTERS = 16_384;
/** On a machine that is always busy an endless expression must come to its end as well. */
const MOST_STARVED_RUNS = 3;
const BATCH_MESSAGES = 64;
const BATCH_BYTES = 256 * 1024;
/** How long `stop` lets waiting messages be decoded, and how long a process that did not start is left alone. */
const DRAIN_MS = 3000;
const RETRY_MS = 1000;

interface Waiting extends ExpressionRequest {
  resolve(decoded: Decoded): void;
  /** It was in a batch that did not end well: it runs once more, alone, and then it is known whose fault it was. */
  suspect: boolean;
  /** Runs that aren’t counted, since the machine was busy elsewhere. */
  starvedRuns: number;
}

/** The messages of an integration; it is in turn for a process, or being served. */
interface Queue {
  integrationId: string;
  waiting: Waiting[];
}

interface Slot {
  process: ExpressionProcess | undefined;
  work: Promise<void> | undefined;
}

/**
 * Decodes by organizations' own expressions, in processes apart (docs/decisions/expressions-run-in-a-worker.md).
 *
 * Integrations take turns, each with a batch of its messages in their order. Nothing is refused because much waits:
 * a caller has to bound how many of its messages it has decoded at a time.
 */
export class Expressions implements Service {
  readonly name = 'expressions';
  readonly #log: Logger;
  readonly #holds = new ExpressionHolds();
  readonly #queues = new Map<string, Queue>();
  readonly #turns: Queue[] = [];
  readonly #slots: Slot[] = Array.from({ length: PROCESSES }, () => ({
    process: undefined,
    work: undefined,
  }));
  #running = false;
  #stopping: Promise<void> | undefined;
  #givesUp = new AbortController();

  constructor(options: { log: Logger }) {
    this.#log = options.log;
  }

  /** Processes are started when there is something to decode. */
  async start(): Promise<void> {
    this.#running = true;
    this.#stopping = undefined;
    this.#givesUp = new AbortController();
  }

  /** Decodes what waits, for three seconds at most; what is left then is refused as `needs_worker`. */
  stop(): Promise<void> {
    this.#running = false;
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  /**
   * Decodes by an expression: its result is read as the decoder `json` reads a payload. Never rejects. Results of one
   * integration come in the order asked, 100 ms after its turn at the latest, or twice that for a message that fails.
   */
  decode(request: ExpressionRequest): Promise<Decoded> {
    if (!this.#running) return Promise.resolve(refused('needs_worker', 'no process runs for it'));
    return new Promise((resolve) => {
      const { integrationId } = request;
      let queue = this.#queues.get(integrationId);
      if (!queue) {
        queue = { integrationId, waiting: [] };
        this.#queues.set(integrationId, queue);
        this.#turns.push(queue);
      }
      queue.waiting.push({ ...request, resolve, suspect: false, starvedRuns: 0 });
      this.#fill();
    });
  }

  #fill(): void {
    for (const slot of this.#slots) {
      if (slot.work) continue;
      const queue = this.#turns.shift();
      if (!queue) return;
      slot.work = this.#serve(slot, queue).finally(() => {
        slot.work = undefined;
        this.#fill();
      });
    }
  }

  async #serve(slot: Slot, queue: Queue): Promise<void> {
    const process = await this.#processOf(slot);
    if (process) {
      const batch = this.#take(queue);
      if (batch.length > 0) await this.#run(process, queue, batch);
      if (!process.alive) slot.process = this.#running ? new ExpressionProcess() : undefined;
    } else {
      const stopped = refused('needs_worker', 'the platform stopped before its turn');
      for (const { resolve } of queue.waiting.splice(0)) resolve(stopped);
    }
    if (queue.waiting.length > 0) this.#turns.push(queue);
    else this.#queues.delete(queue.integrationId);
  }

  /** @returns undefined when there is no time left to start one */
  async #processOf(slot: Slot): Promise<ExpressionProcess | undefined> {
    const { signal } = this.#givesUp;
    while (!signal.aborted) {
      if (!slot.process?.alive) slot.process = new ExpressionProcess();
      if (await slot.process.ready) return slot.process;
      this.#log.error({}, 'a process for expressions did not start; it is tried again');
      await pause(RETRY_MS, undefined, { signal }).catch(() => {});
    }
    return undefined;
  }

  /** The next messages that go together. Those that are not run at all are answered here, in their turn. */
  #take({ integrationId, waiting }: Queue): Waiting[] {
    let refusedCount = 0;
    for (const { expression, resolve, isWanted } of waiting) {
      const refusal =
        isWanted?.() === false
          ? unwanted
          : (this.#holds.of(integrationId, expression) ?? tooLong(expression));
      if (!refusal) break;
      refusedCount += 1;
      resolve(refusal);
    }
    waiting.splice(0, refusedCount);
    let count = 0;
    let bytes = 0;
    for (const { expression, input, suspect } of waiting) {
      bytes += input.payload.length;
      const goesAlong =
        count < BATCH_MESSAGES && bytes <= BATCH_BYTES && !suspect && expression === waiting[0]!.expression;
      if (count > 0 && !goesAlong) break;
      count += 1;
      if (suspect) break;
    }
    return waiting.splice(0, count);
  }

  async #run(process: ExpressionProcess, queue: Queue, batch: Waiting[]): Promise<void> {
    const { integrationId } = queue;
    const { expression } = batch[0]!;
    const messages = batch.map(({ input: { topic, payload } }) => ({ topic, base64: base64Of(payload) }));
    const ran = await process.run({ integrationId, expression, messages });
    const { answers, ending, suspects } = resultOf(ran, batch);
    answers.forEach((answer, index) => {
      batch[index]!.resolve(decodedOf(answer));
    });
    const rest = batch.slice(answers.length);
    if (ending && rest[0]?.suspect) this.#fail(rest.shift()!, ending);
    else for (const waiting of suspects) waiting.suspect = true;
    queue.waiting.unshift(...rest);
  }

  #fail({ integrationId, expression, resolve }: Waiting, ending: Ending): void {
    resolve(refused(ending, endingDetails[ending]));
    const isOnHold = this.#holds.note(integrationId, expression, ending);
    if (isOnHold) this.#log.warn({ integrationId, reason: ending }, 'an expression is on hold for a minute');
  }

  async #end(): Promise<void> {
    const giveUp = setTimeout(() => this.#givesUp.abort(), DRAIN_MS);
    while (this.#queues.size > 0) await Promise.all(this.#slots.map(({ work }) => work));
    clearTimeout(giveUp);
    for (const slot of this.#slots) {
      await slot.process?.stop();
      slot.process = undefined;
    }
  }
}

const endingDetails: Record<Ending, string> = {
  expression_timeout: 'it did not end within 100 ms, twice',
  expression_memory: 'the process that ran it ended, twice, as it does when its memory is used up',
};

/** Of a time-out it is known which message ran; the end of a process may be due to any that were in it. */
function resultOf(
  ran: Ran | Ending,
  batch: Waiting[],
): { answers: Answer[]; ending: Ending | undefined; suspects: Waiting[] } {
  if (typeof ran === 'string') return { answers: [], ending: ran, suspects: batch };
  const { answers, timedOut, starved } = ran;
  const culprit = timedOut ? batch[answers.length] : undefined;
  if (!culprit) return { answers, ending: undefined, suspects: [] };
  if (starved && culprit.starvedRuns < MOST_STARVED_RUNS) {
    culprit.starvedRuns += 1;
    return { answers, ending: undefined, suspects: [] };
  }
  return { answers, ending: 'expression_timeout', suspects: [culprit] };
}

const unwanted = refused('needs_worker', 'nobody waited for it any more');

function decodedOf(answer: Answer): Decoded {
  if ('error' in answer) return refused('expression_failed', answer.error);
  if ('nothing' in answer) return refused('no_values', 'the expression gave nothing');
  const document = parseJson(answer.json);
  return 'reason' in document ? document : readTree(document);
}

function tooLong(expression: string): Decoded | undefined {
  if (expression.length <= MOST_EXPRESSION_CHARACTERS) return undefined;
  return refused(
    'expression_failed',
    `an expression has ${MOST_EXPRESSION_CHARACTERS} characters at most, this one ${expression.length}`,
  );
}

function base64Of(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('base64');
}
