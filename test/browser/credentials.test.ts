import mqtt, { connectAsync, type MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';

let browser: Browser;
let platform: TestPlatform;
let tab: Tab;
let page: Page;
const clients: MqttClient[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  platform = await testPlatform();
  tab = await openTab(browser, platform.url);
  page = tab.page;
  await signIn(page, owner);
});
beforeEach(() => page.goto(`/o/${platform.organizationId}/credentials`));
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  expect(tab.faults).toEqual([]);
});
afterAll(async () => {
  await tab?.close();
  await platform?.close();
  await browser?.close();
});

const dialog = (name: string) => page.getByRole('dialog', { name });
const row = (text: string) =>
  page.getByRole('table', { name: 'Credentials' }).getByRole('row').filter({ hasText: text });
const activity = () => page.getByRole('region', { name: 'Activity' }).getByRole('listitem');
const choose = async (label: string, action: string) => {
  await page.getByRole('button', { name: `Actions for ${label}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
};
/** What the dialog shows once, by its copy button. */
const copied = async (what: string) => {
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Copy ${what}` })
    .click();
  return page.evaluate<string>('navigator.clipboard.readText()');
};

interface Account {
  username: string;
  password: string;
}

async function create(label: string, device?: string): Promise<Account> {
  await page.getByRole('button', { name: 'Create credential' }).click();
  const form = dialog('Create credential');
  await form.getByLabel('Label').fill(label);
  if (device) {
    await form.getByLabel('One device').check();
    await form.getByLabel('Device id').fill(device);
  }
  await form.getByRole('button', { name: 'Create credential' }).click();
  return takeSecret();
}

/** Copies the secret and closes the dialog, after which nothing on the page tells it. */
async function takeSecret(): Promise<Account> {
  await dialog('The new credential').waitFor();
  const account = { username: await copied('user name'), password: await copied('password') };
  await page.getByRole('button', { name: 'Done' }).click();
  await dialog('The new credential').waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(account.password);
  return account;
}

async function connect(account: Account): Promise<MqttClient> {
  const options = { protocolVersion: 4, reconnectPeriod: 0, ...account } as const;
  const client = await connectAsync(platform.mqttUrl, options);
  clients.push(client);
  return client;
}

const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));

/** @returns why it was refused */
function refusal(account: Account): Promise<string> {
  const client = mqtt.connect(platform.mqttUrl, { protocolVersion: 4, reconnectPeriod: 0, ...account });
  clients.push(client);
  return new Promise((resolve, reject) => {
    client.once('error', (error) => resolve(error.message));
    client.once('connect', () => reject(new Error('it was let in')));
  });
}

it('teaches the first step, and gives the focus back when that is put off', async () => {
  await page.getByText('No credentials yet').waitFor();
  const button = page.getByRole('button', { name: 'Create credential' });
  await button.press('Enter');
  await dialog('Create credential').getByLabel('Label').and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Escape');
  await button.and(page.locator(':focus')).waitFor();
});

it('makes a credential that works at once, counts who is connected, and closes them when it is disabled', async () => {
  const account = await create('Greenhouse');
  const client = await connect(account);
  const greenhouse = row('Greenhouse');
  await greenhouse.getByRole('cell', { name: '1', exact: true }).waitFor();
  await greenhouse.getByText('Active').waitFor();
  await greenhouse.getByText('Every device').waitFor();
  await activity().filter({ hasText: 'Connected' }).filter({ hasText: 'Greenhouse' }).waitFor();

  const gone = closed(client);
  await choose('Greenhouse', 'Disable');
  await dialog('Disable Greenhouse?').getByText('1 live connection will be closed.').waitFor();
  await page.getByRole('button', { name: 'Disable credential' }).click();
  await gone;
  await greenhouse.getByText('Disabled').waitFor();
  await greenhouse.getByRole('cell', { name: '0', exact: true }).waitFor();
  expect(await refusal(account)).toMatch(/not authorized|bad user name or password/i);
  await activity().getByText('The credential is disabled. Enable it, or use another.').waitFor();

  await choose('Greenhouse', 'Enable');
  await greenhouse.getByText('Active').waitFor();
  await connect(account);
});

it('rotates with both working for a while, and says until when', async () => {
  const old = await create('Barn');
  await choose('Barn', 'Rotate');
  const form = dialog('Rotate Barn');
  await form.getByLabel('In 1 hour').check();
  await form.getByRole('button', { name: 'Rotate' }).click();
  await dialog('The new credential').getByText(`The old one, ${old.username}, works until`).waitFor();
  const successor = await takeSecret();
  expect(successor.username).not.toBe(old.username);
  await connect(old);
  await connect(successor);
  await row(old.username).filter({ hasText: 'Expires in' }).first().waitFor();
  await row(`took over from ${old.username}`).getByText('Active').waitFor();
});

it('rotates at once, which ends what is connected', async () => {
  const old = await create('Silo');
  const gone = closed(await connect(old));
  await row('Silo').getByRole('cell', { name: '1', exact: true }).waitFor();
  await choose('Silo', 'Rotate');
  const form = dialog('Rotate Silo');
  await form.getByText('1 live connection will be closed at once').waitFor();
  await form.getByLabel('Now').check();
  await form.getByRole('button', { name: 'Rotate' }).click();
  await dialog('The new credential').getByText(`The old one, ${old.username}, works no more.`).waitFor();
  const successor = await takeSecret();
  await gone;
  await row(old.username).getByText('Expired').waitFor();
  await connect(successor);
});

it('keeps a device’s credential to that device, and says what was refused', async () => {
  const account = await create('Cold room', 'freezer-1');
  const client = await connect(account);
  await row('Cold room').getByRole('link', { name: 'freezer-1' }).waitFor();
  const gone = closed(client);
  client.publish(`org_${platform.organizationId}/devices/freezer-2/telemetry`, '{"temperature":1}', {
    qos: 1,
  });
  await gone;
  await choose('Cold room', 'Show its activity');
  await activity()
    .filter({ hasText: 'Publish refused' })
    .getByText('The topic is outside what the credential grants.')
    .waitFor();
  expect(new URL(page.url()).searchParams.get('activity')).toBeTruthy();
  await activity().filter({ hasText: 'Barn' }).first().waitFor({ state: 'hidden' });
  await page.getByRole('combobox', { name: 'Activity of' }).click();
  await page.getByRole('option', { name: 'All credentials' }).click();
  await activity().filter({ hasText: 'Barn' }).first().waitFor();
});

it('leads to the connections of a credential, where one is ended and the others stay', async () => {
  const account = await create('Attic');
  const client = await connect(account);
  const other = await connect(account);
  await row('Attic').getByRole('link', { name: '2', exact: true }).click();
  const table = page.getByRole('table', { name: 'Connections' });
  await expect.poll(() => table.getByRole('row').count()).toBe(3);
  await page.getByText('Credential: Attic').waitFor();

  const { clientId } = client.options;
  const gone = closed(client);
  await page.keyboard.press('/');
  await page.keyboard.type(clientId!);
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  await table.getByRole('button', { name: `Disconnect ${clientId}` }).click();
  await dialog(`Disconnect ${clientId}?`).getByText('It may connect again at once').waitFor();
  await page.getByRole('button', { name: 'Disconnect', exact: true }).click();
  await gone;
  await page.getByText('No connection matches').waitFor();
  await page.getByRole('button', { name: 'Show all connections' }).click();
  await table.getByText(other.options.clientId!).waitFor();
  expect(await table.getByText(clientId!).count()).toBe(0);
});

it('says what is wrong with a device id where it was typed, and makes nothing', async () => {
  await page.getByRole('button', { name: 'Create credential' }).click();
  const form = dialog('Create credential');
  await form.getByLabel('One device').check();
  await form.getByLabel('Device id').fill('a/b');
  await form.getByText('A device id can’t hold / + # or control characters').waitFor();
  await form.getByRole('button', { name: 'Create credential' }).click();
  expect(await form.isVisible()).toBe(true);
  await form.getByRole('button', { name: 'Cancel' }).click();
  expect(await row('a/b').count()).toBe(0);
});

it('finds one by what it is called, and deletes it', async () => {
  await row('Silo').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('freez');
  await row('Silo').first().waitFor({ state: 'hidden' });
  await row('Cold room').waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('freez');
  await choose('Cold room', 'Delete');
  await page.getByRole('button', { name: 'Delete credential' }).click();
  await page.getByText('No credential matches').waitFor();
  const kept = await platform.test.pool.query(`select from mqtt_credentials where label = 'Cold room'`);
  expect(kept.rowCount).toBe(0);
});

it('says where devices connect, value by value', async () => {
  const details = page.getByRole('region', { name: 'Connection details' });
  const copy = async (what: string) => {
    await details.getByRole('button', { name: `Copy ${what}` }).click();
    return page.evaluate<string>('navigator.clipboard.readText()');
  };
  const { port } = new URL(platform.mqttUrl);
  expect(await copy('mqtt port')).toBe(port);
  expect(await copy('topic prefix')).toContain(`org_${platform.organizationId}/devices/`);
  await details.getByText('MQTT 3.1 and 3.1.1').waitFor();
  await details.getByText('The broker listens on this machine only.').waitFor();
});
