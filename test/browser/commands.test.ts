import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { commandReasons } from '../../src/domain/command.ts';
import type { Tab } from '../support/browser.ts';
import { type CommandedDevice, commandedDevice, type ReceivedCommand } from '../support/commanded-device.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';
import type { TestPlatform } from '../support/platform.ts';

let scene: DeviceAndTab;
let platform: TestPlatform;
let tab: Tab;
let page: Page;
const devices: CommandedDevice[] = [];

beforeAll(async () => {
  scene = await deviceAndTab();
  ({ platform, tab } = scene);
  page = tab.page;
});
afterAll(async () => {
  await Promise.all(devices.map((device) => device.close()));
  await scene?.close();
});
afterEach(() => expect(tab.faults).toEqual([]));

const base = () => `/api/v1/organizations/${platform.organizationId}`;
const at = (path: string) => `/o/${platform.organizationId}/${path}`;
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');
const recent = () => page.getByRole('list', { name: 'Recent commands' }).locator('> li');
const history = () => page.getByRole('list', { name: 'Commands' }).locator('> li');
const focused = (locator: Locator) => locator.and(page.locator(':focus')).waitFor();
const parameter = (name: string) => new URL(page.url()).searchParams.get(name);

async function call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await platform.api(method, `${base()}${path}`, body);
  if (!answer.ok) throw new Error(await answer.text());
  return (answer.status === 204 ? undefined : await answer.json()) as Body;
}

/** A device that nobody has heard from. @returns its id */
async function register(name: string): Promise<string> {
  return (await call<{ id: string }>('POST', '/devices', { external_device_id: name })).id;
}

/** With the device's own credential. @param answer what it says to each command at once */
async function connect(name: string, answer?: (command: ReceivedCommand) => object) {
  const device = await commandedDevice(platform, name, answer);
  devices.push(device);
  return device;
}

it('sends what is typed to a device, and shows its answer without a reload', async () => {
  const id = await register('kiln-1');
  const device = await connect('kiln-1');
  await page.goto(at(`devices/${id}`));
  await page.getByText('No commands yet').waitFor();
  await page.evaluate('window.sameDocument = true');

  await page.getByLabel('Name', { exact: true }).fill('set_interval');
  await page.getByLabel('Params').fill('{\n  "seconds": 30,\n}');
  await button('Send').click();
  await page.getByText('Line 2: there is a comma before }').waitFor();
  await focused(page.getByLabel('Params'));
  await page.getByLabel('Params').fill('{ "seconds": 30 }');
  await button('Send').click();

  const command = await device.next();
  expect(command).toMatchObject({ name: 'set_interval', params: { seconds: 30 } });
  await recent().getByText('Delivered').waitFor();
  await device.say({ id: command.id, status: 'acknowledged' });
  await recent().getByText('Acknowledged').waitFor();
  await device.say({ id: command.id, status: 'succeeded', result: { interval: 30 } });
  await recent().getByText('Succeeded').waitFor();
  await recent().getByText('interval 30').waitFor();
  await page.getByRole('status').getByText('set_interval: Succeeded').waitFor({ state: 'attached' });

  await recent().getByRole('button', { name: 'set_interval' }).click();
  const story = recent().getByRole('list', { name: 'What became of it' });
  await story.getByText('Asked for by you').waitFor();
  expect(await story.getByRole('listitem').count()).toBe(5);
  expect(await recent().getByLabel('result', { exact: true }).textContent()).toContain('"interval": 30');
  expect(await page.evaluate('window.sameDocument')).toBe(true);
});

it('asks once, though its answer got lost and Send was pressed again', async () => {
  const id = await register('lathe-1');
  await page.goto(at(`devices/${id}`));
  await page.getByLabel('Name', { exact: true }).fill('start');
  const address = `**/devices/${id}/commands`;
  await page.route(address, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    await route.fetch();
    await route.abort();
  });
  await button('Send').click();
  await page.getByRole('alert').getByText('The platform can’t be reached.').waitFor();
  await page.unroute(address);
  await button('Send').click();
  await page.getByRole('alert').waitFor({ state: 'hidden' });
  await recent().getByText('Waiting').waitFor();
  const { items } = await call<{ items: unknown[] }>('GET', `/devices/${id}/commands`);
  expect(items).toHaveLength(1);
  expect(await recent().count()).toBe(1);

  await button('Send').click();
  await recent().nth(1).waitFor();
});

it('waits for a device that is away, can be cancelled meanwhile, and goes out when it comes', async () => {
  const id = await register('mill-1');
  await page.goto(at(`devices/${id}`));
  for (const name of ['reboot', 'beep']) {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await button('Send').click();
    await recent().filter({ hasText: name }).getByText('Waiting').waitFor();
  }
  await recent().getByText(commandReasons.device_away).waitFor();
  const beep = recent().filter({ hasText: 'beep' });
  await beep.getByRole('button', { name: 'Cancel beep to mill-1' }).click();
  await beep.getByText('Cancelled').waitFor();
  await focused(beep.getByRole('button', { name: 'beep', exact: true }));

  const device = await connect('mill-1', () => ({ status: 'failed', result: { error: 'jammed' } }));
  expect(await device.next()).toMatchObject({ name: 'reboot' });
  const reboot = recent().filter({ hasText: 'reboot' });
  await reboot.getByText('Failed').waitFor();
  await reboot.getByText('error jammed').waitFor();

  await button('beep').click();
  await button('Send beep to mill-1 again').click();
  expect(await device.next()).toMatchObject({ name: 'beep' });
  await recent().filter({ hasText: 'beep' }).filter({ hasText: 'Failed' }).waitFor();
  expect(await recent().filter({ hasText: 'beep' }).count()).toBe(2);
});

it('sends to the devices that are selected, which live updates don’t change', async () => {
  const names = ['pump-1', 'pump-2', 'pump-3', 'valve-1'];
  for (const name of names) await register(name);
  const pumps = await Promise.all(names.slice(0, 3).map((name) => connect(name, () => ({}))));
  await page.goto(at('devices?q=pump'));
  await page.getByLabel('Select pump-1').check();
  await page.getByLabel('Select pump-3').click({ modifiers: ['Shift'] });
  await page.getByText('3 selected').waitFor();
  await scene.publish('pump-2', '{"flow": 12.5}');
  await page
    .getByRole('row', { name: /pump-2/ })
    .getByText('12.5')
    .waitFor();
  await page.getByRole('searchbox', { name: 'Search devices' }).fill('valve');
  await page.getByText('3 selected, 3 not shown').waitFor();

  await button('Send a command…').click();
  await dialog().getByText('To pump-1, pump-2 and pump-3.').waitFor();
  await dialog().getByLabel('Name', { exact: true }).fill('prime');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
  await focused(button('Send a command…'));
  await page.keyboard.press('Enter');
  await dialog().getByLabel('Name', { exact: true }).fill('prime');
  await dialog().getByRole('button', { name: 'Send to 3 devices' }).click();
  await dialog().getByText('prime is on its way to 3 devices.').waitFor();
  for (const pump of pumps) expect(await pump.next()).toMatchObject({ name: 'prime' });

  await dialog().getByRole('link', { name: 'See what becomes of it' }).click();
  await history().filter({ hasText: 'Succeeded' }).nth(2).waitFor();
  expect(await history().count()).toBe(3);
  expect(parameter('name')).toBe('prime');
});

it('narrows the history by what stands in the address, and back leads back', async () => {
  await page.goto(at('commands'));
  await history().filter({ hasText: 'prime' }).first().waitFor();
  const all = await history().count();
  await button('Cancelled').click();
  await history().filter({ hasText: 'prime' }).first().waitFor({ state: 'hidden' });
  await history().filter({ hasText: 'beep' }).waitFor();
  expect(await history().count()).toBe(1);
  expect(parameter('state')).toBe('cancelled');
  await page.getByRole('combobox', { name: 'Device', exact: true }).fill('kiln');
  await page.getByRole('option', { name: 'kiln-1' }).click();
  await page.getByText('None is for this device and stands under “Cancelled”.').waitFor();
  await page.goBack();
  await history().filter({ hasText: 'beep' }).waitFor();
  await page.reload();
  await history().filter({ hasText: 'beep' }).waitFor();
  expect(await history().count()).toBe(1);
  await page.goBack();
  await history()
    .nth(all - 1)
    .waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('reboot');
  await page.keyboard.press('Enter');
  await history().filter({ hasText: 'prime' }).first().waitFor({ state: 'hidden' });
  await history().filter({ hasText: 'reboot' }).waitFor();
  expect(parameter('name')).toBe('reboot');
  expect(await history().count()).toBe(1);
});

it('shows new ones as they come, dead letters too, but not under the hand of who reads', async () => {
  const made = await call<{ id: string; token: string }>('POST', '/integrations', {
    name: 'Plant',
    mode: 'webhook',
    expected_topics: ['devices/{device}/telemetry'],
  });
  await fetch(`${platform.url}/functions/v1/mqtt-listener/${made.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ topic: 'devices/press-1/telemetry', payload: { force: 3 } }] }),
  });
  const { items } = await call<{ items: { id: string }[] }>('GET', '/devices?external_device_id=press-1');
  const device = items[0]!.id;
  await page.goto(at('commands?state=dead_letters'));
  await page.getByText('No command matches').waitFor();
  // As a program of the organization does, in plain SQL.
  const insert = (name: string) =>
    platform.test.pool.query(
      'insert into device_commands (organization_id, device_id, name) values ($1, $2, $3)',
      [platform.organizationId, device, name],
    );
  await insert('stamp');
  const stamp = history().filter({ hasText: 'stamp' });
  await stamp.getByText('Undeliverable').waitFor();
  await stamp.getByText(commandReasons.no_command_topic).waitFor();

  await stamp.getByRole('button', { name: 'stamp', exact: true }).click();
  await stamp.getByText('Asked for by SQL').waitFor();
  await insert('stop');
  await button('Show 1 newer command').waitFor();
  expect(await history().count()).toBe(1);
  await button('Show 1 newer command').click();
  await history().filter({ hasText: 'stop' }).getByText('Undeliverable').waitFor();

  const stop = history().filter({ hasText: 'stop' });
  await stop.getByRole('button', { name: 'Send stop to press-1 again' }).click();
  await stop.nth(1).getByText('Undeliverable').waitFor();
});
