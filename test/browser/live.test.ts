import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';
import { type Relay, startRelay } from '../support/relay.ts';

let browser: Browser;
let platform: TestPlatform;
let network: Relay;
let device: MqttClient;
let tab: Tab;

beforeAll(async () => {
  browser = await startBrowser();
  platform = await testPlatform();
  network = await startRelay({ host: '127.0.0.1', port: Number(new URL(platform.url).port) });
  const { username, password } = await platform.credential();
  device = await connectAsync(platform.mqttUrl, { protocolVersion: 4, username, password });
});
afterAll(async () => {
  await device?.endAsync();
  await network?.close();
  await platform?.close();
  await browser?.close();
});
beforeEach(async () => {
  tab = await openTab(browser, `http://localhost:${network.port}`);
  await signIn(tab.page, owner);
});
afterEach(async () => {
  await tab.close();
  expect(tab.faults).toEqual([]);
});

/** Resolves when it is acknowledged, and so committed. */
const publish = (name: string, telemetry: object) =>
  device.publishAsync(`org_${platform.organizationId}/devices/${name}/telemetry`, JSON.stringify(telemetry), {
    qos: 1,
  });
const devicesPage = async () => {
  await tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Devices' }).click();
  await tab.page.getByRole('table', { name: 'Devices' }).waitFor();
};

it('finds a device by search, keeps the search in the address, and changes its value in place', async () => {
  const { page } = tab;
  for (const name of ['boiler-1', 'boiler-2', 'chiller-7']) await publish(name, { temperature: 20.25 });
  await devicesPage();
  const row = page.getByRole('row', { name: /chiller-7/ });
  await row.getByText('20.25').waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('chill');
  await page
    .getByRole('row', { name: /boiler/ })
    .first()
    .waitFor({ state: 'hidden' });
  await page.getByText('1 device match').waitFor({ state: 'attached' });
  expect(new URL(page.url()).searchParams.get('q')).toBe('chill');

  const element = await row.elementHandle();
  await publish('chiller-7', { temperature: 31.75 });
  await row.getByText('31.75').waitFor();
  expect(await element!.textContent()).toContain('31.75');

  await page.reload();
  await row.getByText('31.75').waitFor();
  expect(await page.getByRole('searchbox', { name: 'Search devices' }).inputValue()).toBe('chill');
  expect(await page.getByRole('row', { name: /boiler/ }).count()).toBe(0);
});

it('shows a device that was never there before', async () => {
  await publish('pump-1', { flow: 1.5 });
  await devicesPage();
  await publish('pump-2', { flow: 2.5 });
  await tab.page
    .getByRole('row', { name: /pump-2/ })
    .getByText('2.5')
    .waitFor();
});

it('says that the event stream is lost, and shows what was missed when it is back', async () => {
  const { page } = tab;
  await publish('valve-1', { opening: 10.5 });
  await devicesPage();
  const row = page.getByRole('row', { name: /valve-1/ });
  await row.getByText('10.5').waitFor();

  const lost = page.getByRole('status').getByText('Live updates paused, reconnecting…');
  await network.sever();
  await lost.waitFor();
  await publish('valve-1', { opening: 77.25 });
  await publish('valve-new', { opening: 3.25 });
  expect(await row.textContent()).toContain('10.5');

  await network.restore();
  await row.getByText('77.25').waitFor();
  await page
    .getByRole('row', { name: /valve-new/ })
    .getByText('3.25')
    .waitFor();
  await lost.waitFor({ state: 'hidden' });

  await publish('valve-1', { opening: 42.75 });
  await row.getByText('42.75').waitFor();
});

it('leads from the overview to what the platform runs as', async () => {
  const { page } = tab;
  const details = page.getByRole('region', { name: 'Platform' }).getByRole('link', { name: /Details/ });
  await details.press('Enter');
  await page.getByRole('heading', { name: 'Platform health' }).waitFor();
  await page.getByText('Broker: healthy').waitFor();
  const process = page
    .getByRole('table', { name: 'Processes' })
    .getByRole('row')
    .filter({ hasText: 'Everything' });
  await process.getByText('Running').waitFor();
  await process.getByRole('link', { name: /connection/ }).click();
  await page.getByRole('table', { name: 'Connections' }).waitFor();
});
