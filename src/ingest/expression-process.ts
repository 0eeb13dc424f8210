import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Ran } from './expression-realm.ts';
import type { Batch, FromWorker } from './expression-worker.ts';

/** Why a batch came back without all of its answers. */
export type Ending = 'expression_timeout' | 'expression_memory';

const HEAP_MEGABYTES = 64;
/** V8 takes three times this beside the heap; left to itself it takes 200 MB. */
const YOUNG_MEGABYTES = 8;
/**
 * The process ends an expression itself after 100 ms. What can't be ended so, within one long step of V8's, is killed
 * after this. A process whose memory is used up takes up to 300 ms to end by itself, and then its owner reads why.
 */
const KILL_MS = 500;
const START_MS = 5000;

const worker = fileURLToPath(new URL('./expression-worker.ts', import.meta.url));
const realm = fileURLToPath(new URL('./expression-realm.ts', import.meta.url));
const packageJson = fileURLToPath(new URL('../../package.json', import.meta.url));
const jsonata = createRequire(import.meta.url).resolve('jsonata');

/** One process that runs expressions, a batch at a time. It lasts until a batch ends it, or `stop`. */
export class ExpressionProcess {
  /** Whether it came up. */
  readonly ready: Promise<boolean>;
  readonly #killMs: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #alive = true;
  #killed = false;
  #heard: (message: FromWorker | undefined) => void = () => {};

  /** @param killMs how long a batch may take before the process is killed, in milliseconds */
  constructor(killMs = KILL_MS) {
    this.#killMs = killMs;
    this.#child = fork(worker, [jsonata], {
      env: {},
      execArgv: [
        `--max-old-space-size=${HEAP_MEGABYTES}`,
        `--max-semi-space-size=${YOUNG_MEGABYTES}`,
        '--disallow-code-generation-from-strings',
        '--permission',
        ...[worker, realm, packageJson, jsonata].map((file) => `--allow-fs-read=${file}`),
      ],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (message) => {
      // Once it is to be killed it has no more say, or the next batch would be given to it.
      if (!this.#killed) this.#heard(message as FromWorker);
    });
    this.#ended = new Promise((resolve) => {
      const end = () => {
        this.#alive = false;
        this.#heard(undefined);
        resolve();
      };
      // After `exit` answers may still be on their way; after `close` none is.
      this.#child.once('close', end).once('error', end);
    });
    // The heap’s cap is not exact: one text may take half a gigabyte before it is noticed. Where the machine runs out
    // first, Linux ends this process before PostgreSQL; other systems have no such file.
    writeFile(`/proc/${this.#child.pid}/oom_score_adj`, '1000').catch(() => {});
    this.ready = this.#answer(START_MS).then((said) => said !== undefined);
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Runs a batch, once the one before has come back. Never rejects; after an `Ending` the process is no more. */
  async run(batch: Batch): Promise<Ran | Ending> {
    const answer = this.#answer(this.#killMs);
    if (this.#child.connected) this.#child.send(batch, () => {});
    const said = await answer;
    if (said && 'answers' in said && said.answers.length <= batch.messages.length) return said;
    await this.stop();
    return this.#killed ? 'expression_timeout' : 'expression_memory';
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** @returns undefined when the process ends instead, which it is made to after `ms` */
  #answer(ms: number): Promise<FromWorker | undefined> {
    return new Promise((resolve) => {
      if (!this.#alive) return resolve(undefined);
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        // When it is we who were held up, the answer is there and is read before this.
        setImmediate(() => {
          if (!late) return;
          this.#killed = true;
          this.#child.kill('SIGKILL');
        });
      }, ms);
      this.#heard = (message) => {
        late = false;
        clearTimeout(timer);
        resolve(message);
      };
    });
  }
}
