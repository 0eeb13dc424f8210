import { connectAsync } from 'mqtt';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';
import { scriptedBroker } from '../support/scripted-broker.ts';
import { testCa } from '../support/tls-certificates.ts';

let browser: Browser;
let platform: TestPlatform;
let tab: Tab;
let page: Page;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  platform = await testPlatform({ ALLOW_PRIVATE_NETWORKS: 'true' });
  tab = await openTab(browser, platform.url);
  page = tab.page;
  await signIn(page, owner);
});
afterEach(() => expect(tab.faults).toEqual([]));
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await tab?.close();
  await platform?.close();
  await browser?.close();
});

const at = (path: string) => `/o/${platform.organizationId}/${path}`;
const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = (name: string) => page.getByRole('dialog', { name });
const watch = () => page.getByRole('complementary', { name: 'First message' });
const focused = (locator: Locator) => locator.and(page.locator(':focus')).waitFor();
const row = (name: string) =>
  page.getByRole('table', { name: 'Integrations' }).getByRole('row').filter({ hasText: name });
const copied = async (what: string) => {
  await button(`Copy ${what}`).click();
  return page.evaluate<string>('navigator.clipboard.readText()');
};

interface Made {
  id: string;
  token: string;
}

/** By the API, where a test is not about the wizard. */
async function make(name: string, more: object = {}): Promise<Made> {
  const body = { name, mode: 'webhook', expected_topics: ['devices/{device}/telemetry'], ...more };
  const path = `/api/v1/organizations/${platform.organizationId}/integrations`;
  const answer = await platform.api('POST', path, body);
  if (answer.status !== 201) throw new Error(await answer.text());
  return (await answer.json()) as Made;
}

/** As a customer's broker does. @returns the status, and what became of each message */
async function post({ id, token }: Made, topic: string): Promise<{ status: number; outcomes: string[] }> {
  const answer = await fetch(`${platform.url}/functions/v1/mqtt-listener/${id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ topic, payload: { temperature: 21.5 } }] }),
  });
  const { receipts = [] } = (await answer.json()) as { receipts?: { outcome: string }[] };
  return { status: answer.status, outcomes: receipts.map(({ outcome }) => outcome) };
}

describe('the wizard', () => {
  it('leads from Connect a device to the first message of a broker that posts', async () => {
    await page
      .getByRole('navigation', { name: 'Pages' })
      .getByRole('link', { name: 'Connect a device' })
      .click();
    await page.getByRole('link', { name: 'Use my own broker' }).click();
    await page.getByRole('button', { name: /^Your broker posts to us.*EMQX/ }).click();
    await focused(page.getByLabel('Name', { exact: true }));
    await page.keyboard.type('Plant 3');

    // A topic that names no device is refused beside it, and focused.
    const topic = page.getByLabel('Topic 1', { exact: true });
    await topic.fill('devices/telemetry');
    await button('Continue').click();
    await page.getByText('Needs a level that marks the device: + or {device}').waitFor();
    await focused(topic);
    await topic.fill('devices/{device}/telemetry');
    await button('Remove topic 2').click();
    await focused(topic);
    await button('Continue').click();

    await page.getByText('The token is shown only now').waitFor();
    const [url, token] = [await copied('address'), await copied('token')];
    const id = url.split('/').at(-1)!;
    await page.getByRole('tab', { name: 'Anything that can POST' }).click();
    expect(await copied('one.sh')).toContain(`Bearer ${token}`);
    const download = page.waitForEvent('download');
    await button('Download one.sh').click();
    expect((await download).suggestedFilename()).toBe('one.sh');

    await watch().getByRole('heading', { name: 'Waiting for the first message' }).waitFor();
    expect((await post({ id, token: 'wrong' }, 'devices/tank/telemetry')).status).toBe(401);
    await watch().getByText('The token is wrong or has expired.').waitFor();
    expect((await post({ id, token }, 'elsewhere/tank')).outcomes).toEqual(['quarantined']);
    await watch().getByText('A message came on another topic').waitFor();
    await watch().getByText('elsewhere/tank').waitFor();
    expect((await post({ id, token }, 'devices/tank/telemetry')).outcomes).toEqual(['stored']);
    await watch().getByRole('heading', { name: 'It works' }).waitFor();

    // Nothing secret is in the address, and nothing of it is left after a reload.
    expect(page.url()).not.toContain(token);
    await page.reload();
    await watch().getByRole('heading', { name: 'It works' }).waitFor();
    expect(await page.content()).not.toContain(token);

    await page.getByRole('link', { name: 'Open the integration' }).click();
    await page.getByRole('heading', { name: 'Plant 3' }).waitFor();
    await page.getByRole('main').getByText('Receiving').waitFor();
    await page.getByRole('region', { name: 'Activity' }).getByText('Post refused').waitFor();
  });

  it('goes back to the ways, with the focus on the one that was chosen', async () => {
    await page.goto(at('integrations'));
    await page.getByRole('button', { name: 'Connect your own broker' }).click();
    await page.getByRole('button', { name: /^A forwarder/ }).press('Enter');
    await button('Change the way').press('Enter');
    await focused(page.getByRole('button', { name: /^A forwarder/ }));
    await page.goBack();
    await page.getByText('A forwarder beside your broker').waitFor();
  });

  it('fills the password of a bridge in', async () => {
    await page.goto(at('integrations/new?way=bridge'));
    await page.getByLabel('Name', { exact: true }).fill('Harbour');
    await button('Continue').click();
    await page.getByText('The password is shown only now').waitFor();
    const password = await copied('password');
    const file = await copied('bridge.conf');
    expect(file).toContain(`remote_password ${password}\n`);
    expect(file).not.toContain('<password>');
  });

  it('says what is wrong with a template before anything is sent', async () => {
    await page.goto(at('integrations/new?way=webhook'));
    await page.getByLabel('Name', { exact: true }).fill('Binary');
    await page.getByRole('combobox', { name: 'Payloads are' }).click();
    await page.getByRole('option', { name: 'Binary, by a template' }).click();
    const template = page.getByLabel('Template');
    await template.fill('{"fields": [');
    await button('Continue').click();
    await page.getByText('This is no valid JSON').waitFor();
    await focused(template);
    await template.fill('{"fields": [{"name": "t", "type": "int12", "offset": 0}]}');
    await button('Continue').click();
    await page.getByText('Field 0: its type is one of').waitFor();
    await template.fill('{"fields": [{"name": "t", "type": "int16", "offset": 0}]}');
    await button('Continue').click();
    await page.getByText('The token is shown only now').waitFor();
  });
});

describe('Test connection', () => {
  const steps = () => page.getByRole('list', { name: 'Steps of the connection' });
  const tryOut = async (broker: { url: string; username?: string; password?: string }) => {
    await page.getByLabel('Address').fill(broker.url);
    await page.getByLabel('User name').fill(broker.username ?? '');
    await page.getByLabel('Password', { exact: true }).fill(broker.password ?? '');
    await button('Test connection').click();
  };

  it('shows each step with its time, or what is wrong and what to do', async () => {
    const broker = await startMosquitto({ passwords: { plant: 'correct horse' } });
    ends.push(() => broker.stop());

    await page.goto(at('integrations/new?way=subscribe'));
    await tryOut({ url: broker.url, username: 'plant', password: 'wrong' });
    await page.getByText('The connection does not work yet').waitFor();
    await steps()
      .getByText(/bad user name or password/i)
      .waitFor();

    await tryOut({ url: broker.url, username: 'plant', password: 'correct horse' });
    await page.getByText('The connection works').waitFor();
    await steps().getByText('Sign in').waitFor();
    await steps().getByText('devices/+/telemetry').waitFor();
    expect(
      await steps()
        .getByText(/^[\d.]+ ms$/)
        .count(),
    ).toBe(5);

    await tryOut({ url: 'mqtt://127.0.0.1:9' });
    await steps().getByText('Nothing listens on port 9 of this host').waitFor();
    await tryOut({ url: 'broker.example.com' });
    await page.getByText('Put mqtt://, mqtts://, ws:// or wss:// in front.').waitFor();
    // What was said of other settings is not said of these.
    expect(await steps().count()).toBe(0);
  });

  it('says which topic the broker refuses', async () => {
    const broker = await scriptedBroker((packet, send) => {
      if (packet.cmd === 'connect') send({ cmd: 'connack', reasonCode: 0, sessionPresent: false });
      // Mosquitto grants what it then lets nobody read, so this one says no.
      if (packet.cmd === 'subscribe') send({ cmd: 'suback', messageId: packet.messageId, granted: [0x87] });
    });
    ends.push(() => broker.close());
    await page.goto(at('integrations/new?way=subscribe'));
    await tryOut({ url: `mqtt://127.0.0.1:${broker.port}` });
    await steps().getByText('The broker refused devices/+/telemetry').first().waitFor();
  });

  it('asks for the CA of a self-signed certificate, and takes it as a file', async () => {
    const ca = await testCa();
    const certificate = await ca.issue(['DNS:localhost', 'IP:127.0.0.1']);
    const { certificatePath, keyPath } = certificate;
    const broker = await startMosquitto({ settings: [`certfile ${certificatePath}`, `keyfile ${keyPath}`] });
    ends.push(
      () => ca.remove(),
      () => broker.stop(),
    );
    const url = broker.url.replace('mqtt:', 'mqtts:');

    await page.goto(at('integrations/new?way=subscribe'));
    await tryOut({ url });
    await steps().getByText('its authority is not known: upload the CA').waitFor();
    await page.getByText('Certificates', { exact: true }).click();
    const choose = async (path: string) => {
      const chooser = page.waitForEvent('filechooser');
      await button('CA certificate: choose a file').click();
      await (await chooser).setFiles(path);
    };
    await choose(import.meta.filename);
    await page.getByText('is no PEM file').waitFor();
    const other = await testCa('Another CA');
    ends.push(() => other.remove());
    await choose(other.certificatePath);
    await button('Test connection').click();
    await steps().getByText('not issued by the CA that was uploaded').waitFor();
    await choose(ca.certificatePath);
    await button('Test connection').click();
    await page.getByText('The connection works').waitFor();
    await steps().getByText('Encrypt with TLS').waitFor();

    await page.getByLabel('Name', { exact: true }).fill('Cold storage');
    await button('Subscribe').click();
    const device = await connectAsync(url, { ca: ca.certificate, clientId: 'freezer' });
    ends.push(() => device.endAsync(true));
    await watch().getByText('Connected').first().waitFor();
    await device.publishAsync('devices/freezer/telemetry', '{"temperature":-18}', { qos: 1 });
    await watch().getByText('It works: the first message is here').waitFor();
    await page.goto(at('integrations'));
    await row('Cold storage').getByText('We subscribe').waitFor();
    await row('Cold storage').getByRole('link').click();

    // The password that is kept is tried with what is typed.
    await button('Edit the broker').click();
    await dialog('Edit the broker').getByRole('button', { name: 'Test connection' }).click();
    await dialog('Edit the broker').getByText('The connection works').waitFor();
    await dialog('Edit the broker').getByLabel('User name').fill('netneural');
    await dialog('Edit the broker').getByRole('button', { name: 'Save' }).click();
    await page.getByText('As netneural, without a password').waitFor();
    await focused(button('Edit the broker'));
  });
});

describe('an integration', () => {
  it('has tokens that are changed with both working for a while, and taken back', async () => {
    const made = await make('Rotated');
    await page.goto(at(`integrations/${made.id}`));
    const tokens = page.getByRole('list', { name: 'Tokens' }).getByRole('listitem');
    await tokens.filter({ hasText: 'Active' }).waitFor();
    await button('New token…').click();
    await dialog('New token').getByLabel('In 1 hour').check();
    await dialog('New token').getByRole('button', { name: 'Make token' }).click();
    await dialog('The new token').getByText('The tokens before it work until').waitFor();
    await dialog('The new token').getByRole('button', { name: 'Copy token' }).click();
    const token = await page.evaluate<string>('navigator.clipboard.readText()');
    await button('Done').click();
    await focused(button('New token…'));
    expect((await post(made, 'devices/a/telemetry')).status).toBe(200);
    expect((await post({ ...made, token }, 'devices/a/telemetry')).status).toBe(200);

    const old = tokens.filter({ hasText: 'Expires in' });
    await old.getByRole('button', { name: /^Delete the token/ }).click();
    await dialog('Delete this token?').getByRole('button', { name: 'Delete token' }).click();
    await old.waitFor({ state: 'detached' });
    expect((await post(made, 'devices/a/telemetry')).status).toBe(401);
    expect((await post({ ...made, token }, 'devices/a/telemetry')).status).toBe(200);
  });

  it('gets other topics and another decoder', async () => {
    const made = await make('Edited');
    await page.goto(at(`integrations/${made.id}`));
    await button('Edit the settings').click();
    const form = dialog('Edit the settings');
    await form.getByRole('button', { name: 'Add a topic' }).click();
    await focused(form.getByLabel('Topic 2', { exact: true }));
    await page.keyboard.type('zigbee2mqtt/{device}/{device}');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Names {device} more than once').waitFor();
    await form.getByLabel('Topic 2', { exact: true }).fill('zigbee2mqtt/{device}');
    await form.getByRole('combobox', { name: 'How topic 2 is read' }).click();
    await page.getByRole('option', { name: 'Bare value' }).click();
    await form.getByRole('combobox', { name: 'Payloads are' }).click();
    await page.getByRole('option', { name: 'SenML' }).click();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'hidden' });
    await focused(button('Edit the settings'));
    const settings = page.getByRole('region', { name: 'Settings' });
    await settings.getByText('zigbee2mqtt/{device}').waitFor();
    await settings.getByText('readings, Bare value').waitFor();
    await settings.getByText('SenML').waitFor();
  });

  it('is stopped, which refuses what is posted, and started again', async () => {
    const made = await make('Stopped');
    await page.goto(at(`integrations/${made.id}`));
    await button('Stop…').click();
    await dialog('Stop Stopped?').getByText('is refused, and not kept').waitFor();
    await button('Stop integration').click();
    await page.getByRole('main').getByText('Stopped', { exact: true }).last().waitFor();
    await button('Start').waitFor();
    expect((await post(made, 'devices/a/telemetry')).status).toBe(404);
    await button('Start').click();
    await button('Stop…').waitFor();
    expect((await post(made, 'devices/a/telemetry')).status).toBe(200);
    await page.getByRole('main').getByText('Receiving').waitFor();
  });

  it('is deleted after a warning that names what is lost', async () => {
    const made = await make('Doomed');
    await page.goto(at(`integrations/${made.id}`));
    await button('Delete…').first().click();
    const warning = dialog('Delete Doomed?');
    await warning.getByText('Devices and their readings stay').waitFor();
    await warning.getByText('Its messages in quarantine, its counts and its activity are lost').waitFor();
    await page.keyboard.press('Escape');
    await focused(button('Delete…').first());
    await page.keyboard.press('Enter');
    await button('Delete integration').click();
    await page.getByRole('heading', { name: 'Integrations' }).waitFor();
    await row('Hosted broker').waitFor();
    expect(await row('Doomed').count()).toBe(0);
    expect((await post(made, 'devices/a/telemetry')).status).toBe(404);
  });

  it('shows what came twice, and follows its messages in the list', async () => {
    const made = await make('Twice');
    await page.goto(at('integrations'));
    await row('Twice').getByText('No message yet').waitFor();
    await post(made, 'devices/b/telemetry');
    await row('Twice').getByText('Receiving').waitFor();
    const path = `${platform.url}/functions/v1/mqtt-listener/${made.id}?token=${made.token}`;
    const body = JSON.stringify({ messages: [{ id: '1', topic: 'devices/b/telemetry', payload: 1 }] });
    const headers = { 'content-type': 'application/json' };
    for (const _ of [1, 2]) await fetch(path, { method: 'POST', headers, body });
    await row('Twice').getByRole('link').click();
    await page
      .getByRole('region', { name: 'Duplicates and rejections' })
      .getByText('Duplicate')
      .first()
      .waitFor();
  });

  it('offers the hosted broker only what it has', async () => {
    await page.goto(at('integrations'));
    await row('Hosted broker').getByRole('link').click();
    await page.getByText('Devices connect to our hosted broker.').waitFor();
    await page.getByRole('main').getByRole('link', { name: 'Credentials' }).waitFor();
    expect(await page.getByRole('button', { name: /Stop|Delete|token/ }).count()).toBe(0);
    await button('Edit the settings').click();
    await dialog('Edit the settings').getByLabel('Register devices with their first message').uncheck();
    expect(await dialog('Edit the settings').getByLabel('Topic 1').count()).toBe(0);
    await dialog('Edit the settings').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not registered: their messages wait in quarantine').waitFor();
  });
});

it('shows viewers everything and nothing to change', async () => {
  await make('Looked at');
  const path = `/api/v1/organizations/${platform.organizationId}/invitations`;
  const invited = await platform.api('POST', path, { role: 'viewer' });
  const { url } = (await invited.json()) as { url: string };
  const theirs = await openTab(browser, platform.url);
  const viewers = theirs.page;
  await viewers.goto(`/invite${new URL(url).hash}`);
  await viewers.getByLabel('Your name').fill('Vera');
  await viewers.getByLabel('Email').fill('vera@example.com');
  await viewers.getByLabel('Password', { exact: true }).fill('only looking on');
  await viewers.getByRole('button', { name: 'Create account and join' }).click();
  await viewers.getByRole('heading', { name: 'Overview' }).waitFor();

  await viewers.goto(at('integrations'));
  const connect = viewers.getByRole('button', { name: 'Connect your own broker' });
  expect(await connect.getAttribute('aria-disabled')).toBe('true');
  await viewers.getByRole('link', { name: 'Looked at' }).click();
  await viewers.getByRole('region', { name: 'Settings' }).getByText('devices/{device}/telemetry').waitFor();
  await viewers.getByRole('region', { name: 'Duplicates and rejections' }).getByText('None').waitFor();
  expect(
    await viewers
      .getByRole('main')
      .getByRole('button', { name: /^(?!Copy)/ })
      .count(),
  ).toBe(0);
  expect(await viewers.getByText('Setup at your broker').count()).toBe(0);

  await viewers.goto(at('integrations/new'));
  await viewers.getByText('You can’t connect brokers').waitFor();
  expect(await viewers.getByRole('main').getByRole('button').count()).toBe(0);
  expect(theirs.faults).toEqual([]);
  await theirs.close();
});
