import type { Locator, Request } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTab } from '../support/browser.ts';
import { type DeviceAndTab, deviceAndTab } from '../support/device-and-tab.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.now();
/** Between these nothing was read. */
const gap = { from: now - 120 * DAY, to: now - 100 * DAY };
/** One reading that stands out. */
const spike = now - 200 * DAY;

let at: DeviceAndTab;
let device: string;
let chart: Locator;

beforeAll(async () => {
  at = await deviceAndTab();
  await at.publish('kiln-1', '{"temperature":20}');
  const { pool } = at.platform.test;
  await pool.query(
    `select private.ensure_history_partition(month::date)
       from generate_series(date_trunc('month', now() - interval '13 months'), now(), interval '1 month') month`,
  );
  const { rows } = await pool.query(`select id from devices where external_device_id = 'kiln-1'`);
  device = rows[0].id;
  // Each half hour of a year, with numbers from 10 to 30 over a day.
  await pool.query(
    `insert into device_telemetry_history (organization_id, device_id, recorded_at, received_at, message_key, telemetry)
     select $1::uuid, $2::uuid, t, t, 0, jsonb_build_object('temperature', 20 + 10 * sin(extract(epoch from t) / 86400 * 2 * pi()))
       from generate_series(to_timestamp($3 / 1000.0) - interval '370 days', to_timestamp($3 / 1000.0), interval '30 minutes') t
      where not t between to_timestamp($4 / 1000.0) and to_timestamp($5 / 1000.0)
     union all select $1::uuid, $2::uuid, to_timestamp($6 / 1000.0), now(), 1, '{"temperature": 500}'`,
    [at.platform.organizationId, device, now, gap.from, gap.to, spike],
  );
});
afterAll(async () => {
  expect(at?.tab.faults).toEqual([]);
  await at?.close();
});

const address = () => new URL(at.tab.page.url()).searchParams;
const shownSpan = () => Number(address().get('to')) - Number(address().get('from'));
/** What stands under the crosshair there, a share of the chart's width. */
const reading = async (share: number) => {
  const box = (await chart.locator('.u-over').boundingBox())!;
  await at.tab.page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
  return at.tab.page.getByRole('region', { name: 'temperature' }).textContent();
};
const dragged = async (from: number, to: number) => {
  const box = (await chart.locator('.u-over').boundingBox())!;
  const { mouse } = at.tab.page;
  await mouse.move(box.x + box.width * from, box.y + 40);
  await mouse.down();
  await mouse.move(box.x + box.width * to, box.y + 40, { steps: 6 });
  await mouse.up();
};
const asked = () => {
  const requests: Request[] = [];
  at.tab.page.on('request', (request) => {
    if (request.url().includes('/telemetry?')) requests.push(request);
  });
  return requests;
};

beforeEach(async () => {
  const { page } = at.tab;
  await page.goto(`/o/${at.platform.organizationId}/devices/${device}?range=1y`);
  chart = page.getByRole('figure', { name: 'temperature over time' });
  await chart.locator('canvas').waitFor();
  await expect.poll(() => reading(0.9), { timeout: 10_000 }).toMatch(/\(.* to .*\)/);
});

it('shows a year by the day with its extremes, and where nothing was read', async () => {
  await at.tab.page.getByText('By day').waitFor();
  const place = (time: number) => (time - (now - 365 * DAY)) / (365 * DAY);
  expect(await reading(place(spike))).toMatch(/\(\d[\d.]* to 500\)/);
  expect(await reading(place(spike + 5 * DAY))).toMatch(/\(10[\d.]* to (30|29)[\d.]*\)/);
  expect(await reading(place(gap.from + 10 * DAY))).toContain('nothing known');
});

it('zooms by dragging, keeps the old picture meanwhile, and goes back without asking again', async () => {
  const { page } = at.tab;
  const held = Promise.withResolvers<void>();
  await page.route('**/telemetry?*', async (route) => {
    await held.promise;
    await route.continue();
  });
  await dragged(0.8, 0.9);
  await expect.poll(() => shownSpan() / DAY).toBeCloseTo(36.5, 0);
  // By the day, as before: nothing finer is there yet.
  expect(await reading(0.5)).toMatch(/\(10[\d.]* to (30|29)[\d.]*\)/);
  held.resolve();
  await page.getByText('Every reading').waitFor();
  await expect.poll(() => reading(0.5), { timeout: 5000 }).not.toMatch(/\(10[\d.]* to (30|29)[\d.]*\)/);
  await page.unroute('**/telemetry?*');

  const requests = asked();
  await page.goBack();
  await page.getByText('By day').waitFor();
  expect(address().get('range')).toBe('1y');
  await page.goForward();
  await page.getByText('Every reading').waitFor();
  expect(requests).toEqual([]);
});

it('drops what nobody waits for any more', async () => {
  const { page } = at.tab;
  const asking = page.waitForRequest('**/telemetry?*');
  const dropped = page.waitForEvent('requestfailed', (request) => request.url().includes('/telemetry?'));
  await page.route('**/telemetry?*', () => {}, { times: 1 });
  await dragged(0.8, 0.9);
  await asking;
  await dragged(0.4, 0.5);
  expect((await dropped).failure()?.errorText).toBe('net::ERR_ABORTED');
});

it('pans and zooms by keys, by buttons, by Shift and by the wheel, which otherwise scrolls the page', async () => {
  const { page } = at.tab;
  await dragged(0.5, 0.6);
  await expect.poll(() => shownSpan() / DAY).toBeCloseTo(36.5, 0);
  const length = shownSpan();
  const from = () => Number(address().get('from'));
  const start = from();
  const expectFrom = (share: number) => expect.poll(() => (from() - start) / length).toBeCloseTo(share, 1);

  await page.getByRole('region', { name: 'Charts' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expectFrom(-0.25);
  await page.keyboard.press('ArrowRight');
  await expectFrom(0);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await expectFrom(-0.5);
  await page.keyboard.down('Shift');
  await dragged(0.6, 0.1);
  await page.keyboard.up('Shift');
  await expectFrom(0);
  expect(shownSpan() / length).toBeCloseTo(1, 2);

  await reading(0.5);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -60);
  await page.keyboard.up('Control');
  await expect.poll(() => shownSpan() / length).toBeLessThan(0.8);
  const zoomed = page.url();
  await page.mouse.wheel(0, 60);
  await expect.poll(() => page.evaluate<number>('window.scrollY')).toBeGreaterThan(0);
  expect(page.url()).toBe(zoomed);
  await page.mouse.wheel(0, -60);

  const before = shownSpan();
  await chart.locator('.u-over').dblclick();
  await expect.poll(() => shownSpan() / before).toBeCloseTo(2, 1);
  await page.getByRole('button', { name: 'Back to live' }).click();
  await expect.poll(() => address().get('range')).toBe('1y');
});

it('goes to two times that one writes down', async () => {
  const { page } = at.tab;
  await page.getByRole('button', { name: 'From–to' }).click();
  await page.getByLabel('From', { exact: true }).fill('2026-03-02T10:00:00');
  await page.getByLabel('To', { exact: true }).fill('2026-03-01T10:00:00');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByRole('alert').getByText('The end has to be after the start').waitFor();
  await page.getByLabel('To', { exact: true }).fill('2026-03-03T10:00:00');
  await page.getByRole('button', { name: 'Show' }).click();
  const time = await page.evaluate(() => Date.parse('2026-03-02T10:00:00'));
  await expect.poll(() => [address().get('from'), address().get('to')]).toEqual([`${time}`, `${time + DAY}`]);
});

it('goes on with what arrives while it ends now', async () => {
  const { page } = at.tab;
  await page.getByText('15 min', { exact: true }).click();
  await page.getByText('Every reading').waitFor();
  await at.publish('kiln-1', '{"temperature":77.25}');
  // The latest value, and what stands under the crosshair.
  await expect.poll(() => reading(0.999), { timeout: 10_000 }).toMatch(/77\.25.*77\.25/);
});

it('pans by a finger and zooms by two', async () => {
  const phone = await openTab(at.browser, at.platform.url, {
    storageState: await at.tab.page.context().storageState(),
    viewport: { width: 360, height: 740 },
    hasTouch: true,
  });
  const { page } = phone;
  const begin = { from: now - 20 * DAY, to: now - 10 * DAY };
  await page.goto(
    `/o/${at.platform.organizationId}/devices/${device}?from=${Math.round(begin.from)}&to=${Math.round(begin.to)}`,
  );
  const over = page.getByRole('figure', { name: 'temperature over time' }).locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = (await over.boundingBox())!;
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', shares: number[]) =>
    cdp.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: shares.map((share, id) => ({ id, x: box.x + box.width * share, y: box.y + 60 })),
    });
  const span = () => {
    const { searchParams } = new URL(page.url());
    return { from: Number(searchParams.get('from')), to: Number(searchParams.get('to')) };
  };

  await touch('touchStart', [0.2]);
  for (const share of [0.3, 0.5, 0.7]) await touch('touchMove', [share]);
  await touch('touchEnd', []);
  await expect.poll(() => (span().from - begin.from) / DAY).toBeCloseTo(-5, 0);
  expect((span().to - span().from) / DAY).toBeCloseTo(10, 1);

  await touch('touchStart', [0.4, 0.6]);
  for (const apart of [0.15, 0.2, 0.25]) await touch('touchMove', [0.5 - apart, 0.5 + apart]);
  await touch('touchEnd', []);
  await expect.poll(() => (span().to - span().from) / DAY).toBeCloseTo(4, 0);
  await phone.close();
  expect(phone.faults).toEqual([]);
});
