import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Tab } from '../support/browser.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';
import { RawClient } from '../support/raw-client.ts';

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

/** What is downloaded by an action. */
async function downloaded(act: () => Promise<unknown>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

async function choose(text: string): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    dialog().getByLabel('File', { exact: true }).click(),
  ]);
  await chooser.setFiles({ name: 'devices.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
}

it('imports devices after a look at what it will do, and exports the list', async () => {
  await scene.publish('pump-1', '{"t":1}');
  await page.goto(at('devices'));
  await button('CSV').click();
  await page.getByRole('menuitem', { name: 'Import devices…' }).click();
  await choose(
    'external_device_id,name,tags,colour\npump-1,First pump,roof,red\nbad/id,,,\nvalve-9,,"roof, cold",',
  );
  await dialog().getByText('1 refused').waitFor();
  await dialog().getByText('Left alone: column colour').waitFor();
  await dialog().getByText('bad/id').waitFor();
  expect(await dialog().getByRole('button', { name: 'Import 2 devices' }).isDisabled()).toBe(true);
  await choose('external_device_id,name,tags\npump-1,First pump,roof\nvalve-9,,"roof, cold"');
  await dialog().getByText('1 to create').waitFor();
  await dialog().getByText('changes name, tags').waitFor();
  await dialog().getByRole('button', { name: 'Import 2 devices' }).click();
  await row('First pump').getByText('roof').waitFor();
  await row('valve-9').waitFor();

  await page.goto(at('devices?tags=cold'));
  await row('valve-9').waitFor();
  await button('CSV').click();
  const { name, text } = await downloaded(() =>
    page.getByRole('menuitem', { name: 'Export this list' }).click(),
  );
  expect(name).toBe('devices.csv');
  expect(text.trim().split('\r\n').slice(1)).toEqual([
    expect.stringMatching(/^valve-9,valve-9,,"cold, roof",unknown,/),
  ]);
});

it('makes credentials for those that are selected, and shows them once', async () => {
  await page.goto(at('devices'));
  await page.getByLabel('Select valve-9').check();
  await page.getByLabel('Select First pump').check();
  await button('More').click();
  await page.getByRole('menuitem', { name: 'Create credentials…' }).click();
  await dialog().getByRole('button', { name: 'Create 2 credentials' }).click();
  await dialog().getByText('The passwords are shown only now.').waitFor();
  await page.keyboard.press('Escape');
  const { name, text } = await downloaded(() => dialog().getByRole('button', { name: 'Download' }).click());
  expect(name).toBe('credentials.csv');
  const lines = text.trim().split('\r\n');
  expect(lines).toHaveLength(3);
  const [device, username, password] = lines[1]!.split(',');
  const client = await RawClient.connect(scene.platform.mqttUrl, {
    username: username!,
    password: password!,
  });
  await client.publish(`org_${scene.platform.organizationId}/devices/${device}/telemetry`, '{"t":2}');
  await dialog().getByRole('button', { name: 'Done' }).click();
  await dialog().waitFor({ state: 'hidden' });
});

it('exports a device’s readings of the time that is shown', async () => {
  for (let n = 0; n < 3; n += 1) await scene.publish('logger', JSON.stringify({ n }));
  await page.goto(at('devices'));
  await page.getByRole('link', { name: 'logger' }).click();
  await button('Export…').click();
  const csv = await downloaded(() => dialog().getByRole('button', { name: 'Export', exact: true }).click());
  expect(csv.name).toMatch(/^logger .*\.csv$/);
  expect(csv.text.trim().split('\r\n')).toHaveLength(4);
  await dialog().getByText('3 readings in').waitFor();
  await dialog().getByRole('button', { name: 'Done' }).click();
  await dialog().waitFor({ state: 'hidden' });

  await button('Export…').click();
  await dialog().getByText('JSON lines').click();
  const json = await downloaded(() => dialog().getByRole('button', { name: 'Export', exact: true }).click());
  expect(JSON.parse(json.text.split('\n')[0]!)).toMatchObject({
    external_device_id: 'logger',
    telemetry: { n: 0 },
  });
  await dialog().getByRole('button', { name: 'Done' }).click();
});

it('exports what is larger than a part of it', async () => {
  const { pool } = scene.platform.test;
  const { rows } = await pool.query(
    `insert into devices (organization_id, external_device_id, name) values ($1, 'large', 'large') returning id`,
    [scene.platform.organizationId],
  );
  await pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, message_key, telemetry)
     select $1, $2, now() - n * interval '1 second', n, jsonb_build_object('n', n, 'text', repeat('x', 10000))
       from generate_series(1, 2000) n`,
    [scene.platform.organizationId, rows[0].id],
  );
  await page.goto(at(`devices/${rows[0].id}`));
  await button('Export…').click();
  await dialog().getByText('JSON lines').click();
  const { text } = await downloaded(() =>
    dialog().getByRole('button', { name: 'Export', exact: true }).click(),
  );
  await dialog().getByText('2,000 readings in').waitFor();
  const numbers = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).telemetry.n);
  expect(numbers).toEqual(Array.from({ length: 2000 }, (_, n) => 2000 - n));
  await dialog().getByRole('button', { name: 'Done' }).click();
});

it('shows how far an export is, and lets go of it', async () => {
  await page.goto(at('devices'));
  await page.getByRole('link', { name: 'logger' }).click();
  await button('Export…').click();
  // The first reading can't be read before this is over.
  const client = await scene.platform.test.pool.connect();
  await client.query('begin; lock table device_telemetry_history in access exclusive mode');
  try {
    await dialog().getByRole('button', { name: 'Export', exact: true }).click();
    await dialog().getByRole('progressbar').waitFor();
    await page.keyboard.press('Escape');
    await dialog().getByRole('button', { name: 'Cancel export' }).click();
    await dialog().getByRole('button', { name: 'Export', exact: true }).waitFor();
    expect(await dialog().getByRole('alert').count()).toBe(0);
  } finally {
    await client.query('rollback');
    client.release();
  }
});
