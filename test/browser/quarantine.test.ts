import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openTab, type Tab } from '../support/browser.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';
import type { TestPlatform } from '../support/platform.ts';

let scene: DeviceAndTab;
let browser: DeviceAndTab['browser'];
let platform: TestPlatform;
let tab: Tab;
let publish: DeviceAndTab['publish'];

beforeAll(async () => {
  scene = await deviceAndTab();
  ({ browser, platform, tab, publish } = scene);
});
afterAll(() => scene?.close());
afterEach(() => expect(tab.faults).toEqual([]));

const messages = (page = tab.page) =>
  page.getByRole('list', { name: 'Quarantined messages' }).getByRole('listitem');
const confirmation = () => tab.page.getByRole('dialog');

it('says that all is well, until a message arrives that is not understood', async () => {
  const { page } = tab;
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Quarantine' }).click();
  await page.getByText('Every message was understood').waitFor();
  await publish('kiln-1', '{"temperature":');
  const message = messages().filter({ hasText: 'not_json' });
  await message.getByText('The payload is not valid JSON.').waitFor();
  await message.getByText(`org_${platform.organizationId}/devices/kiln-1/telemetry`).waitFor();
  await message.getByText('15 bytes').waitFor();
});

it('shows a message’s payload as text and in hex, and keeps its place while others arrive', async () => {
  const { page } = tab;
  const message = messages().filter({ hasText: 'kiln-1' });
  await message.getByRole('button', { name: 'not_json' }).click();
  const payload = message.getByLabel('payload', { exact: true });
  expect(await payload.textContent()).toBe('{"temperature":');
  await message.getByText('Hex', { exact: true }).click();
  await payload.getByText('7b 22 74 65').waitFor();

  await publish('kiln-2', Buffer.from([0xff, 0xfe, 0x00]));
  const newer = page.getByRole('button', { name: 'Show 1 newer message' });
  await newer.waitFor();
  expect(await messages().count()).toBe(1);
  await newer.click();
  await messages().filter({ hasText: 'not_utf8' }).getByText('ff fe 00').waitFor();
  await message.getByRole('button', { name: 'not_json' }).first().click();
});

it('filters by reason, in the address', async () => {
  const { page } = tab;
  await page.getByRole('combobox', { name: 'Reason' }).click();
  await page.getByRole('option', { name: /^not_utf8/ }).click();
  await messages().filter({ hasText: 'not_json' }).waitFor({ state: 'hidden' });
  await messages().filter({ hasText: 'not_utf8' }).waitFor();
  expect(new URL(page.url()).searchParams.get('reason')).toBe('not_utf8');
  await page.reload();
  await messages().filter({ hasText: 'not_utf8' }).waitFor();
  await page.goBack();
  await messages().filter({ hasText: 'not_json' }).waitFor();
  await page.goto(`${new URL(page.url()).pathname}?reason=too_old`);
  await page.getByText('No message for this reason').waitFor();
  await page.getByRole('button', { name: 'Show all reasons' }).last().click();
  await messages().filter({ hasText: 'not_json' }).waitFor();
});

it('reads the whole of a long payload, and more messages page by page', async () => {
  const { page } = tab;
  const long = `{"text":"${'a'.repeat(5000)}the end`;
  await publish('kiln-3', long);
  const message = messages().filter({ hasText: 'kiln-3' });
  await message.getByRole('button', { name: 'not_json' }).click();
  await message.getByText('the end').waitFor();
  await message.getByRole('button', { name: 'not_json' }).first().click();

  for (let count = 0; count < 60; count += 1) await publish('kiln-4', '[1,');
  await page.getByText('50 of 63 messages shown').waitFor();
  await page.getByRole('button', { name: 'Show older messages' }).click();
  await messages().filter({ hasText: 'kiln-1' }).waitFor();
  expect(await messages().count()).toBe(63);
});

it('discards one and several, after saying what will happen', async () => {
  const { page } = tab;
  const message = messages().filter({ hasText: 'kiln-1' });
  await message.getByRole('button', { name: 'not_json' }).click();
  await message.getByRole('button', { name: /^Discard this message/ }).click();
  await confirmation()
    .getByText(/^1 message of kiln-1 will be deleted with its payload/)
    .waitFor();
  await confirmation().getByRole('button', { name: 'Cancel' }).click();
  await confirmation().waitFor({ state: 'hidden' });
  expect(await message.count()).toBe(1);

  await message.getByRole('button', { name: /^Discard this message/ }).click();
  await confirmation().getByRole('button', { name: 'Discard 1 message' }).click();
  await message.waitFor({ state: 'hidden' });

  await page.getByLabel('Select all shown').check();
  await page.getByRole('button', { name: 'Discard 62 messages' }).click();
  await confirmation()
    .getByText(/^62 messages of 3 devices will be deleted with their payloads/)
    .waitFor();
  await confirmation().getByRole('button', { name: 'Discard 62 messages' }).click();
  await page.getByText('Every message was understood').waitFor();
  const kept = await platform.test.pool.query('select from message_quarantine');
  expect(kept.rowCount).toBe(0);
});

it('offers viewers nothing that they may not do', async () => {
  await publish('kiln-5', '{');
  const viewer = { name: 'Vera', email: 'vera@example.com', password: 'only looking on' };
  const organization = `/api/v1/organizations/${platform.organizationId}`;
  const invited = await platform.api('POST', `${organization}/invitations`, { role: 'viewer' });
  const { url } = (await invited.json()) as { url: string };
  const theirs = await openTab(browser, platform.url);
  const { page } = theirs;
  await page.goto(`/invite${new URL(url).hash}`);
  await page.getByLabel('Your name').fill(viewer.name);
  await page.getByLabel('Email').fill(viewer.email);
  await page.getByLabel('Password', { exact: true }).fill(viewer.password);
  await page.getByRole('button', { name: 'Create account and join' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Quarantine' }).click();
  const message = messages(page).filter({ hasText: 'kiln-5' });
  await message.getByRole('button', { name: 'not_json' }).click();
  await message.getByLabel('payload', { exact: true }).waitFor();
  expect(await page.getByRole('checkbox').count()).toBe(0);
  expect(await page.getByRole('button', { name: /discard/i }).count()).toBe(0);
  await theirs.close();
  expect(theirs.faults).toEqual([]);
});
