import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { notification } from '../../src/contract/notifications.ts';
import { newSigningSecret, signatureHeaders } from '../../src/service/webhook-signature.ts';

/** The guide's receivers take what we sign, and nothing else. */

const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/alerts.md'), 'utf8');
const snippet = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)![1]!;
const body = '{"type":"alerts","data":{"name":"Öfen & “co”"}}';
const secret = newSigningSecret();

const receivers: Record<string, (headers: object, body: string) => string> = {
  js: (headers, given) =>
    execFileSync(process.execPath, ['--input-type=module'], {
      input: `${snippet('js')}\nconsole.log(isGenuine(${JSON.stringify(headers)}, ${JSON.stringify(given)}, '${secret}'));`,
      encoding: 'utf8',
    }),
  python: (headers, given) =>
    execFileSync('python3', ['-'], {
      input: `${snippet('python')}\nimport json\nprint(is_genuine(json.loads(${JSON.stringify(JSON.stringify(headers))}), json.loads(${JSON.stringify(JSON.stringify(given))}).encode(), '${secret}'))`,
      encoding: 'utf8',
    }),
};

test.each(Object.keys(receivers))('verified in %s', async (language) => {
  const accepts = (headers: object, given = body) =>
    receivers[language]!(headers, given).trim().toLowerCase() === 'true';
  const message = { id: 'msg-1', now: Date.now(), body, secret };
  const headers = await signatureHeaders(message);
  expect(accepts(headers)).toBe(true);
  expect(accepts({ ...headers, 'webhook-signature': `v1,AAAA ${headers['webhook-signature']}` })).toBe(true);
  expect(accepts(headers, `${body} `)).toBe(false);
  expect(accepts({ ...headers, 'webhook-id': 'msg-2' })).toBe(false);
  expect(accepts(await signatureHeaders({ ...message, secret: newSigningSecret() }))).toBe(false);
  expect(accepts(await signatureHeaders({ ...message, now: Date.now() - 400_000 }))).toBe(false);
});

test('the example is what is posted', () => {
  const [, posted] = guide.split('POST /hook HTTP/1.1')[1]!.split('```')[0]!.split('\n\n');
  const { type, timestamp, data } = JSON.parse(posted!);
  expect({ type, timestamp }).toEqual({ type: 'alerts', timestamp: data.at });
  const { url, ...rest } = data;
  expect(notification.strict().parse(rest)).toEqual(rest);
  expect(url).toContain(`/o/${rest.organization.id}/alerts/${rest.alerts[0].id}`);
});
