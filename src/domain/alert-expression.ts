/**
 * The language of alert expressions: a comparison of what a device last said, as
 * `temperature > 30 and (humidity < 40 or door == 'open')`. Metrics are named as in telemetry (`power.total`), odd names
 * in backquotes. There are numbers, texts in quotes, true and false, + - * /, comparisons, and, or, not, abs, min, max.
 * Compiled once, it calls nothing but what stands here.
 */
import type { ReadingValue } from './reading.ts';

export type Values = (metric: string) => ReadingValue | undefined;

export interface AlertExpression {
  metrics: readonly string[];
  /** @returns undefined while a metric that it needs is not known, or is of another type than it is compared with */
  holds(values: Values): boolean | undefined;
}

type Value = ReadingValue | undefined;
type Evaluate = (values: Values) => Value;

/** What keeps an expression from being read. */
export class ExpressionError extends Error {
  /** Of the character that can't stand there, from 0. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*)|`(?<quoted>[^`]+)`|'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<sign><=|>=|==|!=|[-+*/()<>,]))/uy;

/** Calls within calls that the engine's stack takes with ease. */
const DEEPEST = 50;

type Token = { at: number } & (
  | { kind: 'sign' | 'name' | 'metric' | 'text'; text: string }
  | { kind: 'number'; value: number }
);

/**
 * Reads an expression.
 * @throws ExpressionError in words for who wrote it
 */
export function parseAlertExpression(text: string): AlertExpression {
  const tokens = tokensOf(text);
  const metrics = new Set<string>();
  let position = 0;
  let depth = 0;

  const peek = (): Token | undefined => tokens[position];
  function fail(message: string): never {
    throw new ExpressionError(message, peek()?.at ?? text.length);
  }
  function takes(...words: string[]): string | undefined {
    const token = peek();
    if (!token || (token.kind !== 'sign' && token.kind !== 'name') || !words.includes(token.text))
      return undefined;
    position += 1;
    return token.text;
  }
  function needs(sign: string): void {
    if (!takes(sign)) fail(`“${sign}” is missing`);
  }

  function either(): Evaluate {
    depth += 1;
    if (depth > DEEPEST) fail('This nests too deep');
    let left = both();
    while (takes('or')) left = logical(left, both(), true);
    depth -= 1;
    return left;
  }
  function both(): Evaluate {
    let left = negated();
    while (takes('and')) left = logical(left, negated(), false);
    return left;
  }
  function negated(): Evaluate {
    let count = 0;
    while (takes('not')) count += 1;
    const inner = comparison();
    if (count === 0) return inner;
    return (values) => {
      const value = inner(values);
      return typeof value === 'boolean' ? (count % 2 === 1) !== value : undefined;
    };
  }
  function comparison(): Evaluate {
    const left = sum();
    const sign = takes('<', '<=', '>', '>=', '==', '!=');
    if (!sign) return left;
    const right = sum();
    if (takes('<', '<=', '>', '>=', '==', '!=')) {
      position -= 1;
      fail('Compare two things at a time, with “and” between');
    }
    return (values) => compare(sign, left(values), right(values));
  }
  function sum(): Evaluate {
    let left = product();
    for (let sign = takes('+', '-'); sign; sign = takes('+', '-')) left = arithmetic(sign, left, product());
    return left;
  }
  function product(): Evaluate {
    let left = signed();
    for (let sign = takes('*', '/'); sign; sign = takes('*', '/')) left = arithmetic(sign, left, signed());
    return left;
  }
  function signed(): Evaluate {
    let minus = false;
    while (takes('-')) minus = !minus;
    const inner = atom();
    return minus ? arithmetic('-', () => 0, inner) : inner;
  }
  function atom(): Evaluate {
    if (takes('(')) {
      const inner = either();
      needs(')');
      return inner;
    }
    const token = peek();
    if (!token || token.kind === 'sign') fail('A metric, a number or a text is missing');
    position += 1;
    if (token.kind === 'number') return () => token.value;
    const { kind, text: word } = token;
    if (kind === 'text') return () => word;
    if (kind === 'name') {
      if (word === 'true' || word === 'false') return () => word === 'true';
      if (word === 'and' || word === 'or' || word === 'not') {
        position -= 1;
        fail(`“${word}” can’t stand there`);
      }
      if (peek()?.kind === 'sign' && (peek() as { text: string }).text === '(') return call(word);
    }
    metrics.add(word);
    return (values) => values(word);
  }
  function call(name: string): Evaluate {
    const combine = functions[name];
    if (!combine) {
      position -= 1;
      fail(`There is no function “${name}”: there are ${Object.keys(functions).join(', ')}`);
    }
    needs('(');
    const args: Evaluate[] = [];
    do args.push(either());
    while (takes(','));
    needs(')');
    if (name === 'abs' && args.length > 1) fail('abs takes one value');
    return (values) => {
      const numbers: number[] = [];
      for (const arg of args) {
        const value = arg(values);
        if (typeof value !== 'number') return undefined;
        numbers.push(value);
      }
      return combine(numbers);
    };
  }

  const evaluate = either();
  if (position < tokens.length) fail('This is not understood');
  if (metrics.size === 0) throw new ExpressionError('It names no metric', 0);
  return {
    metrics: [...metrics],
    holds(values) {
      const value = evaluate(values);
      return typeof value === 'boolean' ? value : undefined;
    },
  };
}

/** @returns in words what keeps an expression from being read, and where; undefined when nothing does */
export function expressionProblem(text: string): string | undefined {
  try {
    parseAlertExpression(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `${error.message} (at character ${error.at + 1})`;
  }
}

const functions: Readonly<Record<string, (numbers: number[]) => number>> = Object.assign(
  Object.create(null),
  {
    abs: ([value]: number[]) => Math.abs(value!),
    min: (numbers: number[]) => Math.min(...numbers),
    max: (numbers: number[]) => Math.max(...numbers),
  },
);

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  for (let next = 0; next < end; next = TOKEN.lastIndex) {
    TOKEN.lastIndex = next;
    const at = next + /^\s*/.exec(text.slice(next))![0].length;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw new ExpressionError('This character can’t stand there', at);
    const { number, name, quoted, sign } = groups;
    const word = groups.single ?? groups.double;
    if (number !== undefined) tokens.push({ at, kind: 'number', value: Number(number) });
    else if (name !== undefined) tokens.push({ at, kind: 'name', text: name });
    else if (quoted !== undefined) tokens.push({ at, kind: 'metric', text: quoted });
    else if (sign !== undefined) tokens.push({ at, kind: 'sign', text: sign });
    else tokens.push({ at, kind: 'text', text: word! });
  }
  return tokens;
}

/** What is not known may be decided by the other side: false and unknown is false. */
function logical(left: Evaluate, right: Evaluate, decisive: boolean): Evaluate {
  return (values) => {
    const [first, second] = [left(values), right(values)];
    if (first === decisive || second === decisive) return decisive;
    return typeof first === 'boolean' && typeof second === 'boolean' ? !decisive : undefined;
  };
}

function arithmetic(sign: string, left: Evaluate, right: Evaluate): Evaluate {
  return (values) => {
    const [first, second] = [left(values), right(values)];
    if (typeof first !== 'number' || typeof second !== 'number') return undefined;
    if (sign === '+') return first + second;
    if (sign === '-') return first - second;
    if (sign === '*') return first * second;
    return second === 0 ? undefined : first / second;
  };
}

function compare(sign: string, left: Value, right: Value): Value {
  if (left === undefined || right === undefined || typeof left !== typeof right) return undefined;
  if (sign === '==') return left === right;
  if (sign === '!=') return left !== right;
  if (typeof left === 'boolean') return undefined;
  if (sign === '<') return left < right;
  if (sign === '<=') return left <= right;
  if (sign === '>') return left > right;
  return left >= right;
}
