import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setupGuides } from '../../src/external/setup/setup.ts';

/** What the guides for customers show is what is made for them, and their commands work. */

const directory = join(import.meta.dirname, '../../docs/guides');
const blocks = readdirSync(directory).flatMap((page) =>
  [...readFileSync(join(directory, page), 'utf8').matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```/gm)].map(
    ([, language, text]) => ({ page, language, text: text! }),
  ),
);

test('show lines that are made', () => {
  const input = {
    organizationId: '',
    integrationId: 'a1b2c3d4-1111-4222-8333-444455556666',
    integrationName: '',
    filters: ['devices/+/telemetry'],
    commandFilter: 'devices/+/commands',
    mqttsPort: 8883,
  };
  const modes = ['webhook', 'subscribe', 'bridge', 'forward'] as const;
  const made = modes
    .flatMap((mode) => setupGuides({ ...input, mode }))
    .flatMap((guide) => guide.files)
    .map((file) => file.text)
    .join('');
  const shown = blocks.filter(({ page, language }) => language === '' && page !== 'webhook.md');
  expect(shown.length).toBeGreaterThan(5);
  const strange = shown.flatMap(({ page, text }) =>
    text
      .split('\n')
      .filter((line) => !made.includes(line))
      .map((line) => `${page}: ${line}`),
  );
  expect(strange).toEqual([]);
});

test('have shell commands that a shell understands', () => {
  const commands = blocks.filter(({ language }) => language === 'sh');
  expect(commands.length).toBeGreaterThan(2);
  for (const { text } of commands) execFileSync('sh', ['-n'], { input: text });
});

test('sign as the webhook checks', () => {
  const signing = blocks.find(({ text }) => text.includes('openssl dgst'))!.text;
  const [header] = shell(
    `WEBHOOK_URL=u TOKEN=t SIGNING_SECRET='s 1' body='{"a":1}'\ncurl() { printf '%s\\0' "$9"; }\n${signing}`,
  );
  const [, t, v1] = /^x-netneural-signature: t=(\d+),v1=(\w+)$/.exec(header!)!;
  expect(v1).toBe(createHmac('sha256', 's 1').update(`${t}.{"a":1}`).digest('hex'));
});

/** What a shell prints, cut at NUL. */
function shell(script: string): string[] {
  return execFileSync('sh', { input: script, encoding: 'utf8' }).split('\0');
}
