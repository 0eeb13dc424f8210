import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Tab } from '../support/browser.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';

let scene: DeviceAndTab;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  scene = await deviceAndTab();
  ({ tab } = scene);
  page = tab.page;
});
afterAll(() => scene?.close());
afterEach(() => expect(tab.faults).toEqual([]));

const at = (path: string) => `/o/${scene.platform.organizationId}/${path}`;
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
const dialog = () => page.getByRole('dialog');
const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });

it('tags many devices at once, and finds them by what they are tagged with', async () => {
  for (const name of ['pump-1', 'pump-2', 'valve-1']) await scene.publish(name, '{"t1":4.5}');
  await page.goto(at('devices'));
  for (const name of ['pump-1', 'pump-2']) await page.getByLabel(`Select ${name}`).check();
  await button('Tags…').click();
  await dialog().getByRole('button', { name: 'Change tags' }).click();
  await dialog().getByText('Name a tag to add or to remove').waitFor();
  await dialog().getByLabel('Add', { exact: true }).fill('Roof, north,');
  await dialog().getByRole('button', { name: 'Change tags' }).click();
  await page.getByText('2 devices have other tags now').waitFor();
  await row('pump-1').getByText('roof').waitFor();

  await page.getByRole('combobox', { name: 'Tags' }).click();
  await page.getByRole('option', { name: /roof/ }).click();
  await row('valve-1').waitFor({ state: 'hidden' });
  await row('pump-2').waitFor();
  expect(new URL(page.url()).searchParams.get('tags')).toBe('roof');
  await page.reload();
  await row('pump-1').waitFor();
  expect(await row('valve-1').count()).toBe(0);

  await page.getByRole('link', { name: 'pump-1' }).click();
  await button('Edit').click();
  await dialog().getByLabel('Tags').fill('attic');
  await page.keyboard.press('Enter');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: 'attic' }).click();
  await row('pump-1').waitFor();
  expect(await row('pump-2').count()).toBe(0);
});

it('says what is measured instead of keys', async () => {
  await page.goto(at('devices/types/new'));
  await page.getByLabel('Name', { exact: true }).first().fill('Fridge');
  await page.getByRole('button', { name: 'Remove Unnamed command' }).click();
  await button('Add a metric').click();
  await page.keyboard.type('t1');
  const metric = page.getByRole('group', { name: 't1', exact: true });
  await metric.getByLabel('Label').fill('Temperature');
  await metric.getByLabel('Unit').fill('°C');
  await metric.getByLabel('From').fill('10');
  await metric.getByLabel('To', { exact: true }).fill('5');
  await page.getByLabel('Keep readings for').fill('2000');
  await button('Create device type').click();
  await page.getByText('Is not more than “From”').waitFor();
  await metric.getByLabel('To', { exact: true }).fill('20');
  await button('Create device type').click();
  await page.getByText('Is longer than readings are kept here, which is 1095 days').waitFor();
  await page.getByLabel('Keep readings for').fill('30');
  await button('Create device type').click();
  await page.getByRole('list', { name: 'Device types' }).getByText('Temperature').waitFor();

  await page.goto(at('devices'));
  await page.getByLabel('Select valve-1').check();
  await button('Set type…').click();
  await dialog().getByRole('combobox', { name: 'Type' }).click();
  await page.getByRole('option', { name: 'Fridge' }).click();
  await dialog().getByRole('button', { name: 'Set type' }).click();
  await row('valve-1').getByText('Temperature').waitFor();
  await row('valve-1').getByText('°C').waitFor();

  // What deletes readings is asked about; what doesn't is not.
  await page.goto(at('devices/types'));
  await page.getByRole('link', { name: 'Edit Fridge' }).click();
  await page.getByLabel('Keep readings for').fill('7');
  await button('Save').click();
  await dialog().getByText('Readings of its 1 device that are older').waitFor();
  await dialog().getByRole('button', { name: 'Keep them for less' }).click();
  await page.getByText('Fridge is saved').waitFor();
});

it('keeps readings for a shorter time, after a question', async () => {
  await page.goto(at('settings'));
  await page.getByLabel('Keep readings for').fill('90');
  await button('Save').click();
  await dialog().getByText('Keep readings for 90 days?').waitFor();
  await dialog().getByRole('button', { name: 'Keep them for less' }).click();
  await page.getByText('The settings are saved').waitFor();
  await page.reload();
  expect(await page.getByLabel('Keep readings for').inputValue()).toBe('90 days');
});
