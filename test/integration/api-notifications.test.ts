import { once } from 'node:events';
import { createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { testChannel } from '../../src/alerts/notify/trial.ts';
import { sender } from '../support/alerting.ts';
import { testApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { type MailServer, mailServer } from '../support/mail-server.ts';
import { type TestPlatform, testPlatform } from '../support/platform.ts';
import { closes, ok, type Receiver, receiver, status } from '../support/receiver.ts';

/** Channels over the API, with a platform that tells them. */

let platform: TestPlatform;
let mail: MailServer;
let base: string;
const receivers: Receiver[] = [];

beforeAll(async () => {
  mail = await mailServer('a password');
  platform = await testPlatform({
    ALLOW_PRIVATE_NETWORKS: 'true',
    SMTP_URL: mail.url,
    SMTP_FROM: 'NetNeural <alerts@example.com>',
  });
  base = `/api/v1/organizations/${platform.organizationId}`;
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await platform.test.pool.query(
    'delete from notification_channels; delete from alerts; delete from alert_rules',
  );
});
afterAll(async () => {
  await platform?.close();
  await mail?.close();
});

async function listening(answers = ok): Promise<Receiver> {
  const one = await receiver(answers);
  receivers.push(one);
  return one;
}

// biome-ignore lint/suspicious/noExplicitAny: what came back is what is being looked at
async function call(method: string, path: string, body?: unknown): Promise<any> {
  const response = await platform.api(method, `${base}${path}`, body);
  return response.status === 204 ? undefined : response.json();
}

const make = (channel: object) => call('POST', '/notification-channels', { name: 'On call', ...channel });

/** Opens an alert as the evaluation does, of a rule with this name. */
async function open(rule = 'Too hot', device = 'Oven 3'): Promise<void> {
  await platform.test.pool.query(
    `with rule as (
       insert into alert_rules (organization_id, name, severity, condition)
       values ($1, $2, 'critical', '{"kind": "offline"}') returning id
     ), device as (
       insert into devices (organization_id, external_device_id, name) values ($1, gen_random_uuid()::text, $3) returning id
     )
     insert into alerts (organization_id, rule_id, rule_name, severity, device_id, summary, metric, value, opened_at)
     select $1, rule.id, $2, 'critical', device.id, 'temperature is 31.2, above 30', 'temperature', '31.2', now()
       from rule, device`,
    [platform.organizationId, rule, device],
  );
}

it('tells every kind of channel within two seconds', async () => {
  const hooks = { webhook: await listening(), slack: await listening(), teams: await listening() };
  for (const [kind, { url }] of Object.entries(hooks)) await make({ kind, url });
  await make({ kind: 'email', to: ['ann@example.com', 'bob@example.com'] });
  const begun = performance.now();
  await open();
  const mails = mail.mails.length;
  await Promise.all([...Object.values(hooks).map((hook) => hook.has(1)), mail.has(mails + 1)]);
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(hooks.webhook.received[0]!.body.data.alerts[0]).toMatchObject({ rule: 'Too hot', event: 'opened' });
  expect(hooks.slack.received[0]!.body).toMatchObject({
    text: expect.stringContaining('Critical: Too hot, Oven 3'),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: 'Critical: Too hot, Oven 3' } },
      { type: 'section', text: { type: 'mrkdwn', text: 'temperature is 31.2, above 30' } },
      { type: 'section' },
      { type: 'context' },
    ],
  });
  const [card] = hooks.teams.received[0]!.body.attachments;
  expect(card).toMatchObject({
    contentType: 'application/vnd.microsoft.card.adaptive',
    content: { type: 'AdaptiveCard' },
  });
  const { id: alert } = hooks.webhook.received[0]!.body.data.alerts[0];
  const url = `${platform.url}/o/${platform.organizationId}/alerts/${alert}`;
  expect(card.content.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Open the dashboard', url }]);
  const { from, to, text } = mail.mails.at(-1)!;
  expect({ from, to }).toEqual({ from: 'alerts@example.com', to: ['ann@example.com', 'bob@example.com'] });
  expect(text).toContain('From: NetNeural <alerts@example.com>');
  expect(text).toContain('Subject: Critical: Too hot, Oven 3');
  expect(text).toContain('Value: temperature = 31.2');
  expect(text).toContain(url);
  await eventually(async () => {
    const { items } = await call('GET', '/notification-deliveries');
    expect(items.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('sent'));
    const channels = await call('GET', '/notification-channels');
    expect(channels.items.map((one: { last_delivery: object }) => one.last_delivery)).toEqual(
      Array(4).fill(expect.objectContaining({ state: 'sent', attempts: 1 })),
    );
  });
});

it('tells of a reading that breaks a rule, and of the one that is well again', async () => {
  const hook = await listening();
  await make({ kind: 'webhook', url: hook.url });
  const condition = { kind: 'threshold', metric: 'temperature', operator: 'gt', value: 30 };
  const rule = await call('POST', '/alert-rules', { name: 'Too hot', severity: 'critical', condition });
  expect(rule.id).toBeDefined();
  const { username, password } = await platform.credential('oven-3');
  const client = await connectAsync(platform.mqttUrl, { username, password });
  const publish = (temperature: number) =>
    client.publishAsync(
      `org_${platform.organizationId}/devices/oven-3/telemetry`,
      JSON.stringify({ temperature }),
      {
        qos: 1,
      },
    );
  await publish(31.2);
  await hook.has(1);
  await publish(20);
  await hook.has(2);
  await client.endAsync();
  const told = hook.received.map(({ body }) => body.data.alerts[0]);
  expect(told).toMatchObject([
    { event: 'opened', rule: 'Too hot', value: 31.2, device: { external_device_id: 'oven-3' } },
    { event: 'resolved', id: told[0].id },
  ]);
  const metrics = await (await fetch(`${platform.url}/metrics`)).text();
  expect(metrics).toMatch(/netneural_notifications_total\{outcome="sent"\} [1-9]/);
});

it('makes nothing of names but names', async () => {
  const [slack, teams] = [await listening(), await listening()];
  await make({ kind: 'slack', url: slack.url });
  await make({ kind: 'teams', url: teams.url });
  await make({ kind: 'email', to: ['ann@example.com'] });
  const mails = mail.mails.length;
  await open(
    'Hot\r\nBcc: eve@example.com\r\n\r\n<img src=x>',
    '<!channel> [click](https://evil.example) *b* & <b>',
  );
  await Promise.all([slack.has(1), teams.has(1), mail.has(mails + 1)]);
  const [title, ...blocks] = slack.received[0]!.body.blocks;
  expect(title.text.type).toBe('plain_text');
  const said = JSON.stringify([slack.received[0]!.body.text, blocks]);
  expect(said).not.toContain('<!channel>');
  expect(said).toContain('&lt;!channel&gt; [click](https://evil.example) *b* &amp; &lt;b&gt;');
  const { body } = teams.received[0]!.body.attachments[0].content;
  expect(body.every(({ type }: { type: string }) => type === 'RichTextBlock')).toBe(true);
  const { to, text } = mail.mails.at(-1)!;
  expect(to).toEqual(['ann@example.com']);
  const [header] = text.split('\r\n\r\n');
  expect(header).not.toMatch(/^bcc:/im);
  const [, html] = text.split('<!doctype html>');
  expect(html).toContain('&lt;img src=x&gt;');
  expect(html).not.toMatch(/<(img|b)\b/);
});

it('keeps secrets to itself', async () => {
  const url = 'https://hooks.example.com/services/T0/B0/not-to-be-seen?token=nor-this';
  const made = await make({ kind: 'slack', url });
  expect(made).toMatchObject({ url: 'https://hooks.example.com/…', signing_secret: null });
  const webhook = await make({ kind: 'webhook', url: 'https://hooks.example.com/alerts?token=nor-this' });
  expect(webhook).toMatchObject({
    url: 'https://hooks.example.com/alerts?…',
    signing_secret: expect.stringMatching(/^whsec_/),
  });
  const changed = await call('PATCH', `/notification-channels/${webhook.id}`, {
    name: 'Renamed',
    min_severity: 'critical',
  });
  expect(changed).toMatchObject({ name: 'Renamed', min_severity: 'critical', url: webhook.url });
  const rotated = await call('POST', `/notification-channels/${webhook.id}/rotate-secret`);
  expect(rotated.signing_secret).not.toBe(webhook.signing_secret);
  const seen = JSON.stringify([
    await call('GET', '/notification-channels'),
    await call('GET', `/notification-channels/${made.id}`),
    changed,
  ]);
  for (const secret of ['not-to-be-seen', 'nor-this', webhook.signing_secret, rotated.signing_secret])
    expect(seen).not.toContain(secret);
  const { rows } = await platform.test.pool.query('select * from notification_channels');
  expect(JSON.stringify(rows)).not.toMatch(/not-to-be-seen|nor-this/);
});

it('says what the receiver says to a test', async () => {
  const hook = await listening(status(200, 'thanks'));
  const { id } = await make({ kind: 'webhook', url: hook.url });
  const test = () => call('POST', `/notification-channels/${id}/test`);
  expect(await test()).toMatchObject({ ok: true, answer: 'HTTP 200: thanks', problem: null });
  expect(hook.received[0]!.body).toMatchObject({ type: 'alerts.test', data: { alerts: [], is_test: true } });
  hook.answers = status(500, `it is\n broken ${'x'.repeat(1000)}`);
  const failed = await test();
  expect(failed).toMatchObject({ ok: false, problem: { code: 'http_500' } });
  expect(failed.answer).toMatch(/^HTTP 500: it is broken x+…$/);
  expect(failed.answer.length).toBeLessThan(320);
  hook.answers = status(302, '', { location: 'http://127.0.0.1:1/' });
  expect(await test()).toMatchObject({ ok: false, problem: { code: 'redirected' } });
  hook.answers = closes;
  expect(await test()).toMatchObject({ ok: false, answer: null, problem: { code: 'connection_closed' } });
  const plain = createServer((socket) => socket.end('220 no TLS here\r\n')).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  const { port } = plain.address() as { port: number };
  const leadTo = (url: string) => call('PATCH', `/notification-channels/${id}`, { url });
  const problems: Record<string, string> = {
    'http://nowhere.invalid/': 'host_not_found',
    'http://127.0.0.1:1/': 'refused',
    [`https://127.0.0.1:${port}/`]: 'not_tls',
    [`http://127.0.0.1:${port}/`]: 'not_http',
  };
  for (const [url, code] of Object.entries(problems)) {
    await leadTo(url);
    expect((await test()).problem?.code, url).toBe(code);
  }
  plain.close();
});

it('says what the mail server says', async () => {
  const { id } = await make({ kind: 'email', to: ['ann@example.com', 'gone@example.com'] });
  const test = () => call('POST', `/notification-channels/${id}/test`);
  expect(await test()).toMatchObject({ ok: true, answer: '250 taken' });
  mail.refuses = (address) =>
    address.startsWith('gone') ? { code: 550, message: 'no such mailbox' } : undefined;
  await open();
  await eventually(async () => {
    const { items } = await call('GET', `/notification-channels/${id}/deliveries`);
    expect(items[0]).toMatchObject({ state: 'sent', last_error: 'Refused for gone@example.com' });
  });
  mail.refuses = () => ({ code: 550, message: 'no such mailbox' });
  expect(await test()).toMatchObject({
    ok: false,
    answer: '550 no such mailbox',
    problem: { code: 'smtp_550' },
  });
  mail.refuses = () => ({ code: 450, message: 'later' });
  expect((await test()).problem.code).toBe('smtp_450');
  mail.refuses = () => undefined;
});

it('lists what became of notifications by pages, and has dead ones sent again', async () => {
  const hook = await listening(status(410));
  const { id } = await make({ kind: 'webhook', url: hook.url });
  await platform.test.pool.query(
    `insert into notification_deliveries (organization_id, channel_id, content, state, attempts, last_error)
     select organization_id, id, $2, 'dead', 32, 'no' from notification_channels, generate_series(1, 7) where id = $1`,
    [
      id,
      {
        counts: { opened: 2, still_open: 0, resolved: 1, was_open: 0 },
        alerts: [],
        rules: [],
        severity: 'warning',
        organization: { id: platform.organizationId, name: 'Acme' },
      },
    ],
  );
  const seen: string[] = [];
  let cursor = '';
  do {
    const page = await call(
      'GET',
      `/notification-deliveries?state=dead&limit=3${cursor && `&cursor=${cursor}`}`,
    );
    for (const delivery of page.items) {
      expect(delivery).toMatchObject({
        title: 'Warning: 2 alerts opened, 1 resolved',
        next_try_at: null,
        last_error: 'no',
      });
      seen.push(delivery.id);
    }
    cursor = page.next_cursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(7);
  expect(await call('GET', '/notification-channels')).toMatchObject({ items: [{ dead: 7, pending: 0 }] });
  hook.answers = ok;
  const [first, second, ...rest] = seen;
  expect(await call('POST', `/notification-deliveries/${first}/retry`)).toMatchObject({
    state: 'pending',
    attempts: 0,
  });
  await hook.has(1);
  expect(hook.received[0]!.headers['webhook-id']).toBe(first);
  await eventually(async () =>
    expect((await call('POST', `/notification-deliveries/${first}/retry`)).code).toBe('conflict'),
  );
  expect(await call('POST', '/notification-deliveries/retry', { delivery_ids: [first, second] })).toEqual({
    retried: 1,
  });
  expect(await call('POST', '/notification-deliveries/retry', { channel_id: id })).toEqual({
    retried: rest.length,
  });
  await hook.has(7);
  expect(new Set(hook.received.map(({ headers }) => headers['webhook-id'])).size).toBe(7);
});

it('refuses what can’t be told, and says why', async () => {
  const refused = async (channel: object) => {
    const { code, errors } = await make(channel);
    return [code, errors?.[0]?.field];
  };
  expect(await refused({ kind: 'webhook', url: 'ftp://example.com' })).toEqual([
    'invalid_request',
    'body.url',
  ]);
  expect(await refused({ kind: 'webhook', url: 'https://us:pw@example.com' })).toEqual([
    'invalid_request',
    'body.url',
  ]);
  expect(await refused({ kind: 'email', to: [] })).toEqual(['invalid_request', 'body.to']);
  expect(await refused({ kind: 'email', to: ['x@example.com\r\nBcc: y@example.com'] })).toEqual([
    'invalid_request',
    'body.to.0',
  ]);
  const quiet_hours = { time_zone: 'Mars/Base', windows: [{ days: [1], from: '22:00', to: '06:00' }] };
  expect(await refused({ kind: 'slack', url: 'https://example.com', quiet_hours })).toEqual([
    'invalid_request',
    'body.quiet_hours.time_zone',
  ]);
  const { id } = await make({ kind: 'email', to: ['ann@example.com'] });
  expect(await call('PATCH', `/notification-channels/${id}`, { url: 'https://example.com' })).toMatchObject({
    code: 'invalid_request',
  });
  expect(await call('POST', `/notification-channels/${id}/rotate-secret`)).toMatchObject({
    code: 'conflict',
  });
});

it('where nothing private is allowed and no mail set up, says so', async () => {
  const api = await testApi();
  try {
    const ann = await api.user('ann');
    const channels = `/api/v1/organizations/${await api.organization(ann)}/notification-channels`;
    const add = (channel: object) => api.call(ann, 'POST', channels, { name: 'x', ...channel });
    const mailed = await add({ kind: 'email', to: ['ann@example.com'] });
    expect(mailed.status).toBe(409);
    expect(mailed.body.detail).toBe('E-mail is not set up here: the operator sets SMTP_URL and SMTP_FROM.');
    expect((await add({ kind: 'webhook', url: 'http://example.com' })).body.errors).toEqual([
      { field: 'body.url', message: 'The URL has to begin with https://.' },
    ]);
    for (const url of [
      'https://127.0.0.1/',
      'https://[::1]/',
      'https://169.254.169.254/latest',
      'https://localhost/',
    ]) {
      const { body } = await add({ kind: 'webhook', url });
      const tested = await api.call(ann, 'POST', `${channels}/${body.id}/test`);
      expect(tested.body, url).toMatchObject({ ok: false, problem: { code: 'address_refused' } });
    }
    expect((await api.call(ann, 'GET', channels)).body.kinds).toEqual(['webhook', 'slack', 'teams']);
  } finally {
    await api.close();
  }
});

it('tells a mail server that is not there, or does not let us in, from a mail that is refused', async () => {
  const outgoing = {
    id: 'f2f2ca50-2ea0-4397-a583-e10c983f5e7e',
    channelId: '',
    kind: 'email' as const,
    settings: { to: ['ann@example.com'] },
    sealedSecrets: null,
    content: {
      at: '',
      organization: { id: '', name: 'Acme' },
      severity: 'info' as const,
      counts: { opened: 0, still_open: 0, resolved: 0, was_open: 0 },
      rules: [],
      other_rules: 0,
      alerts: [],
      is_test: true,
    },
  };
  const attempt = (url: string, to = ['ann@example.com']) =>
    testChannel(sender({ url, from: 'alerts@example.com' }), { ...outgoing, settings: { to } });
  expect((await attempt(mail.url.replace('a password', 'another'))).problem?.code).toBe('mail_sign_in');
  expect((await attempt('smtp://127.0.0.1:1')).problem?.code).toBe('refused');
  expect((await attempt(mail.url.replace('smtp:', 'smtps:'))).problem?.code).toBe('not_tls');
  expect((await attempt(mail.url, ['x@example.com>\r\nRCPT TO:<y@example.com'])).problem?.code).toBe(
    'no_recipients',
  );
});
