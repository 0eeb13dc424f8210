import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';

let at: DeviceAndTab;
const ids = new Map<string, string>();

beforeAll(async () => {
  at = await deviceAndTab();
  const { platform } = at;
  const made = await platform.api('POST', `/api/v1/organizations/${platform.organizationId}/device-types`, {
    name: 'Freezer',
    metrics: [{ name: 'temp', label: 'Air temperature', unit: '°C' }],
  });
  const { id: type } = (await made.json()) as { id: string };
  for (const [name, temp] of [
    ['freezer-1', -18.5],
    ['freezer-2', -21.25],
    ['freezer-3', -19.75],
  ] as const) {
    await at.publish(name, JSON.stringify({ temp, [`only_${name.at(-1)}`]: 1, door: 'closed' }));
    const { rows } = await platform.test.pool.query(
      'update devices set device_type_id = $2 where external_device_id = $1 returning id',
      [name, type],
    );
    ids.set(name, rows[0].id);
  }
});
afterAll(async () => {
  expect(at?.tab.faults).toEqual([]);
  await at?.close();
});

const address = () => new URL(at.tab.page.url()).searchParams;
const entry = (name: string) =>
  at.tab.page
    .getByRole('region', { name: 'Air temperature' })
    .getByRole('listitem')
    .filter({ hasText: name });

it('leads from a selection in the list to a chart with a line for each, which the address holds', async () => {
  const { page } = at.tab;
  await page.goto(`/o/${at.platform.organizationId}/devices`);
  await page.getByRole('checkbox', { name: 'Select freezer-1' }).check();
  await page.getByRole('checkbox', { name: 'Select freezer-2' }).check();
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('figure', { name: 'Air temperature over time' }).waitFor();
  await entry('freezer-1').getByText('-18.5 °C').waitFor();
  await entry('freezer-2').getByText('-21.25 °C').waitFor();

  await page.reload();
  await entry('freezer-2').getByText('-21.25 °C').waitFor();
  await at.publish('freezer-2', '{"temp":-22}');
  await entry('freezer-2').getByText('-22 °C').waitFor();
});

it('adds and removes devices and metrics; back brings them again', async () => {
  const { page } = at.tab;
  await page.getByRole('combobox', { name: 'Device' }).fill('freezer-3');
  await page.getByRole('option', { name: 'freezer-3' }).click();
  await entry('freezer-3').getByText('-19.75 °C').waitFor();
  expect(JSON.parse(address().get('devices')!)).toHaveLength(3);
  await page.getByRole('button', { name: 'Remove freezer-1' }).click();
  await entry('freezer-1').waitFor({ state: 'hidden' });
  await page.goBack();
  await entry('freezer-1').waitFor();

  const metrics = page.getByRole('group', { name: 'Metrics' });
  await metrics.getByRole('button', { name: 'only_3' }).click();
  const alone = page.getByRole('region', { name: 'only_3' });
  await alone.waitFor({ state: 'hidden' });
  await metrics.getByRole('button', { name: 'only_3' }).click();
  await alone.waitFor();
});

it('has the same range and crosshair on all charts', async () => {
  const { page } = at.tab;
  await page.getByText('24 h', { exact: true }).click();
  const over = page.getByRole('figure', { name: 'only_3 over time' }).locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox())!;
  await page.mouse.move(box.x + box.width - 2, box.y + 20);
  await entry('freezer-3').getByText('-19.75 °C').waitFor();
  // Where nothing was read, nothing is said.
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  await entry('freezer-3').getByText('–').waitFor();
});

it('is reached from a device with its range, and teaches what to do when it is empty', async () => {
  const { page } = at.tab;
  const base = `/o/${at.platform.organizationId}`;
  await page.goto(`${base}/devices/${ids.get('freezer-1')}?range=7d`);
  await page.getByRole('link', { name: 'Compare with…' }).click();
  await entry('freezer-1').waitFor();
  expect(address().get('range')).toBe('7d');
  await page.goto(`${base}/compare`);
  await page.getByText('Nothing to compare yet').waitFor();
  await page.getByRole('link', { name: 'Choose from the devices' }).click();
  await page.getByRole('table', { name: 'Devices' }).waitFor();
});
