import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import {
  type NewPlatform,
  newPlatform,
  owner,
  type TestPlatform,
  testPlatform,
} from '../support/platform.ts';

const run = promisify(execFile);
/** What a shell does with what was pasted into it. */
const shell = (command: string) => run('/bin/sh', ['-c', command]);

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());

const connectLink = (page: Page) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Connect a device' });
const makeButton = (page: Page) => page.getByRole('button', { name: 'Create user name and password' });
const copyButton = (page: Page) => page.getByRole('button', { name: 'Copy mosquitto_pub command' });
const firstMessage = (page: Page) => page.getByRole('complementary', { name: 'First message' });
const copied = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()');

/** From the overview to a command that is ready to be pasted. @returns the command */
async function commandFor(page: Page, device: string): Promise<string> {
  await connectLink(page).click();
  await page.getByLabel('Device id').fill(device);
  await makeButton(page).click();
  await copyButton(page).click();
  return copied(page);
}

describe('a new platform', () => {
  let platform: NewPlatform;
  let tab: Tab;
  const account = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'analytical engine' };

  beforeAll(async () => {
    platform = await newPlatform();
    tab = await openTab(browser, platform.url);
  });
  afterAll(async () => {
    await tab?.close();
    await platform?.close();
  });
  afterEach(() => expect(tab.faults).toEqual([]));

  it('leads from the set-up link to the first value, with nothing typed but the account', async () => {
    const { page } = tab;
    const answer = await page.goto(platform.setupUrl!);
    expect(answer!.headers()['content-security-policy']).toContain("default-src 'self'");
    await page.getByLabel('Your name').fill(account.name);
    await page.getByLabel('Email').fill(account.email);
    await page.getByLabel('Password', { exact: true }).fill(account.password);
    await page.getByLabel('Organization').fill('Greenhouses');
    await page.getByRole('button', { name: 'Create account and organization' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).not.toContain('#');
    await page.evaluate('globalThis.sameDocument = true');

    await page.getByRole('main').getByRole('link', { name: 'Connect a device' }).click();
    await page
      .getByRole('textbox', { name: 'Device id' })
      .and(page.locator('[value="my-first-device"]'))
      .waitFor();
    await makeButton(page).click();
    await firstMessage(page).getByRole('heading', { name: 'Waiting for the first message' }).waitFor();
    await copyButton(page).click();
    await shell(await copied(page));

    await firstMessage(page).getByRole('heading', { name: 'It works' }).waitFor();
    await firstMessage(page).getByText('21.5').waitFor();
    await firstMessage(page).getByRole('link', { name: 'Open my-first-device' }).click();
    await page.waitForURL(/\/devices\/[0-9a-f-]{36}/);
    await page.getByRole('heading', { name: 'my-first-device' }).waitFor();
    expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
  });

  it('lets its owner out, says what is wrong with a password, and comes back to the page asked for', async () => {
    const { page } = tab;
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Devices' }).click();
    await page.getByRole('row', { name: /my-first-device/ }).waitFor();
    const address = page.url();
    await page.getByRole('button', { name: /^Account and organization: Greenhouses/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    await page.goto(address);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('Email').fill(account.email);
    await page.getByLabel('Password', { exact: true }).fill('difference engine');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();

    await page.getByLabel('Password', { exact: true }).fill(account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('row', { name: /my-first-device/ }).waitFor();
    expect(page.url()).toBe(address);
  });

  it('has no second use for its set-up link', async () => {
    const { page } = tab;
    await page.goto('about:blank');
    await page.goto(platform.setupUrl!);
    await page.getByRole('heading', { name: 'Already set up' }).waitFor();
  });
});

describe('Connect a device', () => {
  let platform: TestPlatform;
  let tab: Tab;

  beforeAll(async () => {
    platform = await testPlatform();
  });
  afterAll(() => platform?.close());
  beforeEach(async () => {
    tab = await openTab(browser, platform.url);
    await signIn(tab.page, owner);
  });
  afterEach(async () => {
    await tab.close();
    expect(tab.faults).toEqual([]);
  });

  it('says that the password is wrong, and takes it back when it is right', async () => {
    const { page } = tab;
    const command = await commandFor(page, 'thermometer');
    await expect(shell(command.replace(/-P \S+/, '-P wrong'))).rejects.toThrow(/not authori[sz]ed|bad user/i);
    await firstMessage(page).getByText('Wrong password').waitFor();
    await firstMessage(page).getByText('Copy it again, or rotate the credential').waitFor();

    await shell(command);
    await firstMessage(page).getByText('21.5').waitFor();
    expect(await firstMessage(page).getByText('Wrong password').count()).toBe(0);
  });

  it('says that the topic is outside the prefix, and which one it should be', async () => {
    const { page } = tab;
    const command = await commandFor(page, 'barometer');
    const topic = /-t (\S+)/.exec(command)![1]!;
    const elsewhere = topic.replace('barometer', 'hygrometer');
    // The broker can't say so to MQTT 3.1.1 but by hanging up: mosquitto_pub fails, or never learns of it.
    await shell(`timeout 5 ${command.replace(topic, elsewhere)}`).catch(() => {});
    const region = firstMessage(page);
    await region.getByText('Topic outside the prefix').waitFor();
    await region.getByText(elsewhere, { exact: true }).waitFor();
    await region.getByText(topic, { exact: true }).waitFor();
  });

  it('shows a payload that was not understood, and why', async () => {
    const { page } = tab;
    const command = await commandFor(page, 'anemometer');
    await shell(command.replace('{"temperature":21.5}', '{"temperature":21.5'));
    const region = firstMessage(page);
    await region.getByText('The payload was not understood').waitFor();
    await region.getByText('The payload is not valid JSON.').waitFor();
    await region.getByText('{"temperature":21.5', { exact: true }).waitFor();
  });

  it('can be walked through by keyboard alone', async () => {
    const { page } = tab;
    await tabTo(page, connectLink(page));
    await page.keyboard.press('Enter');
    await page.getByLabel('Device id').and(page.locator(':focus')).waitFor();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('rain-gauge');
    await page.keyboard.press('Enter');
    await copyButton(page).waitFor();
    await tabTo(page, copyButton(page));
    await page.keyboard.press('Enter');
    await shell(await copied(page));
    const open = firstMessage(page).getByRole('link', { name: 'Open rain-gauge' });
    await open.waitFor();
    await tabTo(page, open);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/devices\/[0-9a-f-]{36}/);
  });
});

/** Presses Tab until it is there, as somebody without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const focused = target.and(page.locator(':focus'));
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused.count()) > 0) return;
  }
  throw new Error(`sixty times Tab, and not at ${target}`);
}
