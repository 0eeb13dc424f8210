import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openTab, type Tab } from '../support/browser.ts';
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
const focused = (locator: Locator) => locator.and(page.locator(':focus')).waitFor();

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

it('declares a command, and sends it by a form with the keyboard alone', async () => {
  const id = await register('boiler-1');
  const device = await connect('boiler-1', ({ params }) => ({ result: params }));
  await page.goto(at('devices'));
  await page.getByRole('link', { name: 'Device types' }).click();
  await button('New device type').click();
  await page.getByLabel('Name', { exact: true }).first().fill('Boiler');
  await page.getByPlaceholder('set_interval').fill('heat');
  await button('Add a field').click();
  await focused(page.getByLabel('Field', { exact: true }));
  await page.keyboard.type('to');
  const field = page.getByRole('group', { name: 'to', exact: true });
  await field.getByLabel('Unit').fill('°C');
  await field.getByLabel('Least').fill('20');
  await field.getByLabel('Most').fill('10');
  await field.getByLabel('Required').check();
  await button('Create device type').click();
  await page.getByText('Is less than the least').waitFor();
  await field.getByLabel('Most').fill('90');
  const preview = page.getByRole('region', { name: 'Preview' });
  await preview.getByText('20 to 90').waitFor();
  await button('Create device type').click();
  await page.getByRole('list', { name: 'Device types' }).getByText('Boiler').waitFor();

  await page.goto(at(`devices/${id}`));
  await button('Edit').click();
  await dialog().getByRole('combobox', { name: 'Type' }).click();
  await page.getByRole('option', { name: 'Boiler' }).click();
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'hidden' });
  await focused(button('Edit'));

  const degrees = page.getByRole('textbox', { name: 'to (°C)' });
  await degrees.waitFor();
  while ((await degrees.and(page.locator(':focus')).count()) === 0) await page.keyboard.press('Tab');
  await page.keyboard.type('95');
  await page.keyboard.press('Enter');
  await page.getByText('Must be 90 or less').waitFor();
  await focused(degrees);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('65.5');
  await page.keyboard.press('Enter');
  expect(await device.next()).toMatchObject({ name: 'heat', params: { to: 65.5 } });
  await recent().getByText('Succeeded').waitFor();

  // What the type doesn't declare can be sent all the same.
  await page.getByRole('combobox', { name: 'Command' }).click();
  await page.getByRole('option', { name: 'Another one, as JSON' }).click();
  await page.getByLabel('Name', { exact: true }).fill('blink');
  await button('Send').click();
  expect(await device.next()).toMatchObject({ name: 'blink', params: {} });
});

it('says in an integration how commands are sent, with an example, and which way they go', async () => {
  const plant = await call<{ id: string }>('POST', '/integrations', {
    name: 'Plant',
    mode: 'webhook',
    expected_topics: ['devices/{device}/telemetry'],
  });
  await page.goto(at(`integrations/${plant.id}`));
  await page.getByText('None are sent to this broker yet.').waitFor();
  await button('Edit how commands are sent').click();
  await dialog().getByRole('switch', { name: 'Send commands to this broker' }).check();
  const topic = dialog().getByLabel('Topic for commands');
  await topic.fill('plant/commands');
  await dialog().getByText('Needs {device}: else all devices would get every command').waitFor();
  await topic.fill('plant/{device}/{name}');
  await dialog().getByLabel('Payload', { exact: true }).fill('{"every": "{{params.seconds}}"}');
  await dialog().getByText('plant/boiler-1/set_interval').waitFor();
  expect(await dialog().getByLabel('payload', { exact: true }).last().textContent()).toContain('"every": 30');
  await dialog().getByLabel('Address').fill('mqtt://broker.example.com');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'hidden' });
  const panel = page.getByRole('region', { name: 'Commands' });
  await panel.getByText('plant/{device}/{name}').waitFor();
  await panel.getByText('mqtt://broker.example.com').waitFor();
  await panel.getByText('commands get no further than published').waitFor();
});

it('offers viewers nothing to send, and fits on a phone', async () => {
  const invited = await call<{ url: string }>('POST', '/invitations', { role: 'viewer' });
  const theirs = await openTab(scene.browser, platform.url, { viewport: { width: 360, height: 740 } });
  const phone = theirs.page;
  await phone.goto(`/invite${new URL(invited.url).hash}`);
  await phone.getByLabel('Your name').fill('Vera');
  await phone.getByLabel('Email').fill('vera@example.com');
  await phone.getByLabel('Password', { exact: true }).fill('only looking on');
  await phone.getByRole('button', { name: 'Create account and join' }).click();
  await phone.getByRole('heading', { name: 'Overview' }).waitFor();
  const id = await register('gate-1');
  await call('POST', `/devices/${id}/commands`, { name: 'open' });
  for (const path of ['commands', 'devices', `devices/${id}`, 'devices/types']) {
    await phone.goto(at(path));
    await phone
      .getByText(path === 'devices/types' ? 'Boiler' : 'gate-1')
      .first()
      .waitFor();
    expect(await phone.getByRole('checkbox').count()).toBe(0);
    const may = phone.getByRole('button', { name: /^(send|cancel|set type|delete \w+…)(?!led)/i });
    expect(await may.count()).toBe(0);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
  }
  await phone.goto(at(`devices/${id}`));
  await phone.getByText('Members, admins and owners can do this.').waitFor();
  await phone.getByRole('list', { name: 'Recent commands' }).getByText('open').waitFor();
  await theirs.close();
  expect(theirs.faults).toEqual([]);
});
