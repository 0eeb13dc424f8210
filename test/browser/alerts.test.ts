import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTab } from '../support/browser.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';

let at: DeviceAndTab;
let device: string;
let base: string;

beforeAll(async () => {
  at = await deviceAndTab();
  base = `/o/${at.platform.organizationId}`;
  await at.publish('cold-1', '{"temperature":4}');
  const { pool } = at.platform.test;
  const { rows } = await pool.query(`select id from devices where external_device_id = 'cold-1'`);
  device = rows[0].id;
  // Two days with a reading each ten minutes, too warm for an hour three times.
  await pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     select $1, $2, t, t, 0, jsonb_build_object('temperature', case when extract(epoch from (now() - t)) / 3600 between 6 and 7
         or extract(epoch from (now() - t)) / 3600 between 20 and 21 or extract(epoch from (now() - t)) / 3600 between 30 and 31
         then 35 else 4 end)
       from generate_series(now() - interval '2 days', now() - interval '10 minutes', interval '10 minutes') t`,
    [at.platform.organizationId, device],
  );
});
afterAll(async () => {
  expect(at?.tab.faults).toEqual([]);
  await at?.close();
});

const address = () => new URL(at.tab.page.url()).searchParams;
const badge = () =>
  at.tab.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /^Alerts/ });
const row = (name: string | RegExp): Locator =>
  at.tab.page.getByRole('list', { name: 'Alerts' }).getByRole('listitem').filter({ hasText: name });

it('makes a rule in plain words, and says when it would have fired', async () => {
  const { page } = at.tab;
  await page.goto(`${base}/alerts`);
  await page.getByText('Nothing is watched yet').waitFor();
  await page.getByRole('link', { name: 'Make a rule' }).click();

  await page.getByRole('button', { name: 'Create rule' }).click();
  await page.getByText('Give it a name').waitFor();
  await page.getByLabel('Name', { exact: true }).first().fill('Cold room too warm');
  await page.getByRole('combobox', { name: 'Metric' }).fill('temperature');
  await page.getByLabel('the limit').fill('30');
  await page.getByLabel('for at least', { exact: true }).fill('0');
  await page.getByText('When temperature is above 30 on any device → warning').waitFor();
  const tried = page.getByRole('region', { name: 'Try it' });
  await tried.getByText('Would have fired 3 times in the last 7 days.').waitFor();
  expect(await tried.getByRole('img', { name: /^Warning: would have fired/ }).count()).toBe(3);
  await tried.getByText('24 h', { exact: true }).click();
  await tried.getByText('Would have fired 2 times in the last 24 hours.').waitFor();

  await page.getByText('Critical', { exact: true }).click();
  await page.getByRole('button', { name: 'Create rule' }).click();
  const rules = page.getByRole('list', { name: 'Rules' });
  await rules.getByText('When temperature is above 30 on any device').waitFor();
  await rules.getByText('Critical').waitFor();
});

it('shows an alert by itself, tells the browser if it may, and takes what is done about it', async () => {
  const { page } = at.tab;
  await page.context().grantPermissions(['notifications'], { origin: new URL(page.url()).origin });
  // Headless, nobody sees what the browser shows: each one is noted as it is made.
  await page.addInitScript(`
    globalThis.shown = [];
    globalThis.Notification = class extends Notification {
      constructor(title, options) {
        super(title, options);
        shown.push(title);
      }
    };
  `);
  await page.goto(`${base}/alerts`);
  await page.getByText('All is well').waitFor();
  await page.getByRole('button', { name: 'Notify me here' }).click();
  await page.getByRole('button', { name: 'Notifying you here' }).waitFor();

  await at.publish('cold-1', '{"temperature":35.5}');
  await row('Cold room too warm').getByText('Open').waitFor();
  await badge().getByText('1').waitFor();
  await expect.poll(() => page.evaluate('shown')).toEqual(['Critical: Cold room too warm']);

  await page.getByRole('checkbox', { name: 'Select Cold room too warm, cold-1' }).check();
  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await row('Cold room too warm').getByText('Acknowledged').waitFor();
  await badge().getByText('1').waitFor({ state: 'hidden' });

  await page.getByRole('link', { name: 'Cold room too warm' }).click();
  const trail = page.getByRole('list', { name: 'What was done' });
  await trail.getByText('Acknowledged').waitFor();
  await page.getByLabel('Note').fill('The door stood open.');
  await page.getByRole('button', { name: 'Add note' }).click();
  await trail.getByText('The door stood open.').waitFor();
  await page.getByRole('button', { name: 'Snooze' }).click();
  await page.getByRole('menuitem', { name: 'For 1 hour' }).click();
  await trail.getByText('Snoozed').waitFor();

  await at.publish('cold-1', '{"temperature":4}');
  await trail.getByText('The condition no longer held').waitFor();
  await page.getByText('The condition no longer holds.').waitFor();
});

it('keeps filters in the address, and finds what is over', async () => {
  const { page } = at.tab;
  await page.goto(`${base}/alerts`);
  await page.getByText('All is well').waitFor();
  await page.getByRole('button', { name: 'Resolved' }).click();
  await row('Cold room too warm').waitFor();
  expect(address().get('state')).toBe('resolved');
  await page.getByRole('button', { name: 'Info' }).click();
  await page.getByText('No alert matches').waitFor();
  await page.reload();
  await page.getByText('No alert matches').waitFor();
  await page.goBack();
  await row('Cold room too warm').waitFor();
});

it('marks alerts on the charts of their device, which lead to them', async () => {
  const { page } = at.tab;
  await page.goto(`${base}/devices/${device}?range=15m`);
  const mark = page
    .getByRole('figure', { name: 'temperature over time' })
    .getByRole('link', { name: /^Critical: Cold room too warm/ });
  await mark.click();
  await page.getByRole('heading', { name: 'Cold room too warm' }).waitFor();
  expect(page.url()).toContain('/alerts/');
});

it('begins a rule with what one looks at', async () => {
  const { page } = at.tab;
  await page.goto(`${base}/devices/${device}`);
  await page.getByRole('link', { name: 'New alert rule for temperature' }).click();
  await page.getByRole('list', { name: 'Chosen devices' }).getByText('cold-1').waitFor();
  await page.getByLabel('the limit').fill('30');
  await page.getByText('When temperature is above 30 for 5 minutes on one device → warning').waitFor();
  await page.getByText(/^Would have fired 3 times/).waitFor();
});

it('marks alerts of a state on its strip', async () => {
  const { page } = at.tab;
  const rules = `/api/v1/organizations/${at.platform.organizationId}/alert-rules`;
  const condition = { kind: 'equals', metric: 'door', value: 'open' };
  const made = await at.platform.api('POST', rules, { name: 'Door open', severity: 'info', condition });
  expect(made.status).toBe(201);
  await at.publish('cold-1', '{"door":"open"}');
  await page.goto(`${base}/devices/${device}?range=15m`);
  await page
    .getByRole('region', { name: 'States' })
    .getByRole('link', { name: /^Info: Door open/ })
    .click();
  await page.getByRole('heading', { name: 'Door open' }).waitFor();
});

it('is silent during maintenance', async () => {
  const { page } = at.tab;
  await page.goto(`${base}/alerts/maintenance`);
  await page.getByRole('button', { name: 'New window' }).click();
  await page.getByLabel('What for').fill('Cleaning');
  await page.getByRole('button', { name: 'Plan it' }).click();
  await page
    .getByRole('list', { name: 'Maintenance windows' })
    .getByText(/Now, until/)
    .waitFor();
  await at.publish('cold-1', '{"temperature":36}');
  await at.publish('cold-1', '{"temperature":4}');
  await page.getByRole('button', { name: 'End now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
  await page.getByText('No maintenance planned').waitFor();

  await at.publish('cold-1', '{"temperature":38}');
  await page.goto(`${base}/alerts?state=all&severity=critical`);
  await row('temperature is 38').waitFor();
  // This one, and the one before the maintenance.
  expect(await row('Cold room too warm').count()).toBe(2);
});

it('fits on a phone', async () => {
  const { page: desk } = at.tab;
  const state = await desk.context().storageState();
  const theirs = await openTab(at.browser, at.platform.url, {
    storageState: state,
    viewport: { width: 360, height: 740 },
  });
  for (const path of [
    'alerts?state=all',
    'alerts/rules',
    'alerts/rules/new',
    'alerts/maintenance',
    `devices/${device}`,
    `compare?devices=${device}`,
  ]) {
    await theirs.page.goto(`${base}/${path}`);
    await theirs.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await theirs.page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(360);
  }
  await theirs.close();
  expect(theirs.faults).toEqual([]);
});
