import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { type MailServer, mailServer } from '../support/mail-server.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';
import { ok, type Receiver, receiver, status } from '../support/receiver.ts';

let browser: Browser;
let platform: TestPlatform;
let mail: MailServer;
let hook: Receiver;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  [browser, mail, hook] = await Promise.all([startBrowser(), mailServer(), receiver()]);
  platform = await testPlatform({
    ALLOW_PRIVATE_NETWORKS: 'true',
    SMTP_URL: mail.url,
    SMTP_FROM: 'alerts@example.com',
  });
  tab = await openTab(browser, platform.url);
  page = tab.page;
  await signIn(page, owner);
});
afterEach(() => expect(tab.faults).toEqual([]));
afterAll(async () => {
  await tab?.close();
  await platform?.close();
  await Promise.all([mail?.close(), hook?.close(), browser?.close()]);
});

const channel = (name: string) =>
  page.getByRole('list', { name: 'Notification channels' }).getByRole('listitem').filter({ hasText: name });
const delivery = (text: string) =>
  page.getByRole('list', { name: 'Deliveries' }).getByRole('listitem').filter({ hasText: text });
const dialog = (name: string) => page.getByRole('dialog', { name });

/** Opens an alert as the evaluation does. */
const open = (rule: string) =>
  platform.test.pool.query(
    `insert into alerts (organization_id, rule_name, severity, summary, opened_at)
     values ($1, $2, 'critical', 'temperature is 31.2, above 30', now())`,
    [platform.organizationId, rule],
  );

it('teaches the first step, and shows a webhook’s secret once', async () => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Notifications' }).click();
  await page.getByText('Nobody is told of alerts yet').waitFor();
  await page.getByRole('button', { name: 'Add channel' }).click();
  const form = dialog('Add channel');
  await form.getByText('Webhook', { exact: true }).click();
  await form.getByLabel('Name').fill('Incidents');
  await form.getByLabel('URL').fill(`${hook.url}?token=secret`);
  await form.getByRole('button', { name: 'Add channel' }).click();
  await dialog('The signing secret').getByRole('button', { name: 'Copy signing secret' }).click();
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await channel('Incidents').getByText('Nothing to tell so far').waitFor();
  expect(await page.content()).not.toMatch(/whsec_|token=secret/);
});

it('sends a test, and says what the receiver said', async () => {
  await page.getByRole('button', { name: 'Send a test to Incidents' }).click();
  await channel('Incidents').getByText('The test has arrived').waitFor();
  hook.answers = status(503, 'back soon');
  await page.getByRole('button', { name: 'Send a test to Incidents' }).click();
  await channel('Incidents').getByText('The test did not arrive').waitFor();
  await channel('Incidents').getByText('The receiver answered HTTP 503: back soon').waitFor();
  hook.answers = ok;
});

it('adds e-mail with quiet hours, changes and deletes it', async () => {
  await page.getByRole('button', { name: 'Add channel' }).click();
  const form = dialog('Add channel');
  await form.getByLabel('Name').fill('On call');
  await form.getByLabel('Recipients').fill('ann@example.com');
  await page.keyboard.press('Enter');
  await page.keyboard.type('bob@example.com');
  await page.keyboard.press('Enter');
  await form.getByRole('switch', { name: 'Quiet hours' }).click();
  await form.getByLabel('Quiet hours, from').fill('21:30');
  await form.getByRole('button', { name: 'Add channel' }).click();
  await form.waitFor({ state: 'hidden' });
  await channel('On call').getByText('E-mail to ann@example.com and 1 more').waitFor();
  await page.getByRole('button', { name: 'Send a test to On call' }).click();
  await mail.has(1);
  const menu = async (item: string) => {
    await page.getByRole('button', { name: 'Actions for On call' }).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  await menu('Edit…');
  const edit = dialog('Edit On call');
  expect(await edit.getByLabel('Quiet hours, from').inputValue()).toBe('21:30');
  await edit.getByRole('switch', { name: 'Quiet hours' }).click();
  await edit.getByRole('button', { name: 'Save' }).click();
  await edit.waitFor({ state: 'hidden' });
  await channel('On call').getByText('Quiet hours').waitFor({ state: 'hidden' });
  await page.locator('[aria-label="Actions for On call"]:focus').waitFor();
  await menu('Delete…');
  await dialog('Delete On call?').getByRole('button', { name: 'Delete channel' }).click();
  await channel('On call').waitFor({ state: 'hidden' });
});

it('lists what was given up, and sends it again', async () => {
  hook.answers = status(410, 'gone');
  await open('Too hot');
  await delivery('Too hot').getByText('Given up').waitFor();
  await delivery('Too hot').getByText('The receiver answered HTTP 410: gone').waitFor();
  await page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'Arrived' }).click();
  await page.getByText('No notification is in this state.').waitFor();
  expect(page.url()).toContain('state=sent');
  await page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'Given up' }).click();
  hook.answers = ok;
  await delivery('Too hot').getByRole('button', { name: 'Send again' }).click();
  await page.getByRole('group', { name: 'State' }).getByRole('button', { name: 'All' }).click();
  await delivery('Too hot').getByText('Arrived').waitFor();
  await channel('Incidents').getByText('Last arrived').waitFor();
});
