import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';
import { setLimits } from '../support/quotas.ts';
import { RawClient } from '../support/raw-client.ts';
import { firstTenant } from '../support/tenant.ts';

let browser: Browser;
let platform: TestPlatform;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
  platform = await testPlatform();
  tab = await openTab(browser, platform.url);
  page = tab.page;
  await signIn(page, owner);
});
afterAll(async () => {
  await tab?.close();
  await platform?.close();
  await browser?.close();
});

const limit = (name: string) => page.getByRole('listitem', { name, exact: true });
/** Whether nothing is wider than the window. */
const fits = () =>
  page.evaluate<boolean>('document.documentElement.scrollWidth <= document.documentElement.clientWidth');

it('the usage page says what is used of each limit as it changes, and what was held back', async () => {
  await page.getByRole('link', { name: 'Usage' }).click();
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  await page.getByText('No limits are set').waitFor();
  await limit('Connections').getByText('No limit').waitFor();

  await setLimits(platform, { connections: 2, message_bytes: 4096 });
  await limit('Connections').getByText('0 of 2', { exact: true }).waitFor();
  await limit('Size of a message').getByText('Up to 4 KiB').waitFor();
  expect(await page.getByText('No limits are set').count()).toBe(0);

  const credential = await (await firstTenant(platform)).credential();
  const connect = () => RawClient.connect(platform.mqttUrl, credential);
  const first = await connect();
  await limit('Connections').getByText('Within the limit, 50%').waitFor();
  const second = await connect();
  await limit('Connections').getByText('2 of 2', { exact: true }).waitFor();
  await limit('Connections').getByText('Used up').waitFor();
  await expect(connect()).rejects.toThrow('CONNACK');
  const notice = page.getByRole('status').filter({ hasText: 'A limit was reached in the last hour' });
  await notice.getByText('Further clients are not let in.').waitFor();
  await limit('Connections').getByText('Reached 1 time today').waitFor();

  await page.setViewportSize({ width: 360, height: 740 });
  expect(await fits()).toBe(true);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByRole('link', { name: 'Overview' }).click();
  await notice.getByRole('link', { name: 'See the usage' }).click();
  await limit('Connections').waitFor();
  for (const client of [first, second]) await client.end();
  await limit('Connections').getByText('0 of 2', { exact: true }).waitFor();
  expect(tab.faults).toEqual([]);
});
