import { afterEach, expect, test } from 'vitest';
import { ExpressionProcess } from './expression-process.ts';

const started: ExpressionProcess[] = [];
afterEach(async () => {
  for (const process of started.splice(0)) await process.stop();
});

async function processThatIsReady(killMs?: number): Promise<ExpressionProcess> {
  const process = new ExpressionProcess(killMs);
  started.push(process);
  expect(await process.ready).toBe(true);
  return process;
}

const batch = (expression: string) => ({
  integrationId: 'one',
  expression,
  messages: [{ topic: 'a/b', base64: 'e30=' }],
});
const LONG_MS = 20_000;

test('memory beyond its cap ends it and nobody else', async () => {
  const process = await processThatIsReady(LONG_MS);
  const text = '($f := function($x, $n) { $n = 0 ? $x : $f($x & $x, $n - 1) }; $f("0123456789abcdef", 24))';
  expect(await process.run(batch(`$uppercase(${text})`))).toBe('expression_memory');
  expect(process.alive).toBe(false);
});

test('a regular expression without end is ended by the process itself, which goes on', async () => {
  const process = await processThatIsReady(LONG_MS);
  const endless = '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /(a+)+$/)';
  expect(await process.run(batch(endless))).toMatchObject({ answers: [], timedOut: true });
  expect(await process.run(batch('1'))).toEqual({
    answers: [{ json: '1' }],
    timedOut: false,
    starved: false,
  });
});

test('one that doesn’t answer in time is killed', async () => {
  const process = await processThatIsReady(1);
  const endless = '($f := function() { $f() }; $f())';
  expect(await process.run(batch(endless))).toBe('expression_timeout');
  expect(process.alive).toBe(false);
  expect(await process.run(batch('1'))).toBe('expression_timeout');
});

test('what an expression leaves in its realm is gone with it, and was never in another’s', async () => {
  const process = await processThatIsReady(LONG_MS);
  const result = async (integrationId: string, expression: string) =>
    process.run({ ...batch(expression), integrationId });
  expect(await result('one', '($leak := 5; $leak)')).toMatchObject({ answers: [{ json: '5' }] });
  for (const integrationId of ['one', 'two']) {
    expect(await result(integrationId, '$leak')).toMatchObject({ answers: [{ nothing: true }] });
  }
});
