import { type Context, constants, createContext, Script } from 'node:vm';

/** A message as an expression's process is given it. */
export interface AskedMessage {
  topic: string;
  base64: string;
}

/** What an expression made of one message: JSON, nothing, or the reason why it could not. */
export type Answer = { json: string } | { nothing: true } | { error: string };

export interface Ran {
  /** In the order of the messages, of which it may be the first few only: the rest is to be asked again. */
  answers: Answer[];
  /** Whether the message after those ran into the time limit, or would never have come to an end. */
  timedOut: boolean;
  /** Whether that may be due to a machine that was busy elsewhere: it had less than half of its time on a core. */
  starved: boolean;
}

const limits = {
  /** After this a batch gives way to other integrations’, in milliseconds. */
  sliceMs: 20,
  resultCharacters: 1024 * 1024,
  /** Values visited while a result becomes JSON: what is shared within it is visited once for each place. */
  resultValues: 200_000,
  errorCharacters: 300,
};
type Limits = typeof limits;
/** For one message and whatever of its batch came before it, in milliseconds. */
const LIMIT_MS = 100;

interface Inside {
  expectMessage(text: string | undefined, base64: string, topic: string): void;
  readonly answers: Answer[];
  /** Whether an evaluation has not come to its end: out of time, or waiting for what will never happen. */
  stillRuns(): boolean;
}

const inside = new Script(`expression => (${insideRealm})(expression, ${JSON.stringify(limits)})`);
const evaluateAll = new Script('evaluateAll(); 0');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * A realm of an expression's own: global objects that it shares with nobody, JSONata loaded anew among them, so that
 * nothing it might alter is seen by another organization. No string is compiled as code in it, nothing of Node is in
 * it, and only texts go in and out.
 */
export class ExpressionRealm {
  readonly expression: string;
  readonly #context: Context;
  readonly #inside: Inside;
  #usable = true;

  /** @param jsonata the library, compiled, as a script that defines a global `jsonata` */
  constructor(jsonata: Script, expression: string) {
    this.expression = expression;
    // With microtasks of its own an evaluation, asynchronous as it is, runs to its end within `runInContext` and its
    // time limit, which ends regular expressions too.
    this.#context = createContext(constants.DONT_CONTEXTIFY, {
      codeGeneration: { strings: false, wasm: false },
      microtaskMode: 'afterEvaluate',
    });
    jsonata.runInContext(this.#context);
    const open = inside.runInContext(this.#context) as (expression: string) => Inside;
    this.#inside = open(expression);
  }

  /** False once an evaluation was ended in the middle: the realm must not be used again. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Runs the expression over the messages. */
  run(messages: readonly AskedMessage[]): Ran {
    for (const { topic, base64 } of messages) {
      this.#inside.expectMessage(textOf(base64), base64, topic);
    }
    const before = process.cpuUsage();
    let starved = false;
    try {
      evaluateAll.runInContext(this.#context, { timeout: LIMIT_MS });
      this.#usable = !this.#inside.stillRuns();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      this.#usable = false;
      const { user, system } = process.cpuUsage(before);
      starved = user + system < (LIMIT_MS * 1000) / 2;
    }
    return { answers: this.#inside.answers.splice(0), timedOut: !this.#usable, starved };
  }
}

/** @returns undefined for bytes that are no text */
function textOf(base64: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(base64, 'base64'));
  } catch {
    return undefined;
  }
}

interface JsonataError {
  message?: string;
  position?: number;
}
declare function jsonata(expression: string): { evaluate(input: unknown): Promise<unknown> };

/**
 * What runs in the realm. Its source is evaluated there, so it refers to nothing outside itself.
 * @returns what the outside may call, besides the global `evaluateAll`
 */
function insideRealm(expression: string, limits: Limits): Inside {
  const waiting: { text: string | undefined; base64: string; topic: string }[] = [];
  const answers: Answer[] = [];
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  let compiled: ReturnType<typeof jsonata> | undefined;
  let visited = 0;
  let runs = false;

  /** `$base64decode` and `$base64encode` ask for the browser's functions; the realm has neither those nor Node's. */
  function atob(text: string): string {
    let [binary, bits, held] = ['', 0, 0];
    for (const character of text.replaceAll('-', '+').replaceAll('_', '/')) {
      const six = alphabet.indexOf(character);
      if (six < 0) continue;
      held = ((held << 6) | six) & 0xffff;
      bits += 6;
      if (bits < 8) continue;
      bits -= 8;
      binary += String.fromCharCode((held >> bits) & 0xff);
    }
    return binary;
  }

  function btoa(binary: string): string {
    let text = '';
    for (let from = 0; from < binary.length; from += 3) {
      const [a, b, c] = [0, 1, 2].map((offset) => binary.charCodeAt(from + offset) & 0xff) as [
        number,
        number,
        number,
      ];
      text += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | (b >> 4)]!;
      text += from + 1 < binary.length ? alphabet[((b & 15) << 2) | (c >> 6)]! : '=';
      text += from + 2 < binary.length ? alphabet[c & 63]! : '=';
    }
    return text;
  }

  function payloadOf(text: string | undefined): unknown {
    if (text === undefined) return null;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  /** JSON leaves functions out and writes null for NaN; a result must not lose anything unseen. */
  function checked(_name: string, value: unknown): unknown {
    visited += 1;
    if (visited > limits.resultValues) throw new Error('the result is too large');
    const type = typeof value;
    if (type === 'number' && !Number.isFinite(value))
      throw new Error('the result holds a number that is none');
    const marks = value as { _jsonata_lambda?: unknown; _jsonata_function?: unknown } | null | undefined;
    if (type === 'function' || marks?._jsonata_lambda === true || marks?._jsonata_function === true) {
      throw new Error('the result holds a function');
    }
    if (type === 'symbol') throw new Error('the result holds a symbol');
    return value;
  }

  function answerOf(result: unknown): Answer {
    visited = 0;
    const json = JSON.stringify(result, checked) as string | undefined;
    if (json === undefined) return { nothing: true };
    return json.length > limits.resultCharacters ? { error: 'the result is too large' } : { json };
  }

  function errorOf(thrown: unknown): Answer {
    const { message, position } = (thrown ?? {}) as JsonataError;
    const said = String(message ?? thrown)
      .slice(0, limits.errorCharacters)
      .replace(/\s+/g, ' ');
    return { error: position === undefined ? said : `${said} (at character ${position})` };
  }

  async function evaluateAll(): Promise<void> {
    runs = true;
    const until = Date.now() + limits.sliceMs;
    let characters = 0;
    while (waiting.length > 0 && Date.now() <= until && characters < limits.resultCharacters) {
      const { text, base64, topic } = waiting.shift()!;
      let answer: Answer;
      try {
        compiled ??= jsonata(expression);
        const input = { payload: payloadOf(text), base64, topic, levels: topic.split('/') };
        answer = answerOf(await compiled.evaluate(input));
      } catch (thrown) {
        answer = errorOf(thrown);
      }
      if ('json' in answer) characters += answer.json.length;
      answers.push(answer);
    }
    waiting.length = 0;
    runs = false;
  }

  Object.assign(globalThis, { window: { atob, btoa }, evaluateAll });
  return {
    expectMessage: (text, base64, topic) => {
      waiting.push({ text, base64, topic });
    },
    answers,
    stillRuns: () => runs,
  };
}
