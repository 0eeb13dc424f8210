import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openTab, signIn, startBrowser, type Tab } from '../support/browser.ts';
import { owner, type TestPlatform, testPlatform } from '../support/platform.ts';

const run = promisify(execFile);

let browser: Browser;
let platform: TestPlatform;
let owners: Tab;
let page: Page;
const tabs: Tab[] = [];

beforeAll(async () => {
  browser = await startBrowser();
  platform = await testPlatform();
  owners = await newTab();
  page = owners.page;
  await signIn(page, owner);
});
afterEach(() => expect(tabs.flatMap(({ faults }) => faults)).toEqual([]));
afterAll(async () => {
  await Promise.all(tabs.map((tab) => tab.close()));
  await platform?.close();
  await browser?.close();
});

async function newTab(): Promise<Tab> {
  const tab = await openTab(browser, platform.url);
  tabs.push(tab);
  return tab;
}

const open = (name: 'members' | 'api-keys' | 'credentials', on = page) =>
  on.goto(`/o/${platform.organizationId}/${name}`);
const member = (name: string, on = page) =>
  on.getByRole('list', { name: 'Members' }).getByRole('listitem').filter({ hasText: name });
const invitation = (email: string) =>
  page.getByRole('list', { name: 'Invitations' }).getByRole('listitem').filter({ hasText: email });
const key = (name: string) =>
  page.getByRole('list', { name: 'API keys' }).getByRole('listitem').filter({ hasText: name });
const copied = async (what: string) => {
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Copy ${what}` })
    .click();
  return page.evaluate<string>('navigator.clipboard.readText()');
};

/** The platform took whatever port was free, which its links don't know. */
const pathOf = (link: string) => `/invite${new URL(link).hash}`;

/** @returns the link */
async function invite(role: RegExp, email = ''): Promise<string> {
  await page.getByRole('button', { name: 'Invite someone' }).click();
  await page.getByRole('combobox', { name: 'Role', exact: true }).click();
  await page.getByRole('option', { name: role }).click();
  await page.getByLabel('Email (optional)').fill(email);
  await page.getByRole('button', { name: 'Create link' }).click();
  await page.getByText('The link is shown only now.').waitFor();
  const link = await copied('link');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  return link;
}

/** Joins by a link with a new account, in a browser that has never been here. */
async function join(link: string, account: { name: string; email: string; password: string }): Promise<Page> {
  const { page: theirs } = await newTab();
  await theirs.goto(pathOf(link));
  await theirs.getByLabel('Your name').fill(account.name);
  const email = theirs.getByLabel('Email');
  if (await email.isEditable()) await email.fill(account.email);
  expect(await email.inputValue()).toBe(account.email);
  await theirs.getByLabel('Password', { exact: true }).fill(account.password);
  await theirs.getByRole('button', { name: 'Create account and join' }).click();
  await theirs.getByRole('heading', { name: 'Overview' }).waitFor();
  return theirs;
}

it('invites by a link, lists who has joined, and changes what they may do', async () => {
  await open('members');
  const link = await invite(/^Viewer/, 'vera@example.com');
  await invitation('vera@example.com').getByText('as viewer').waitFor();
  const theirs = await join(link, { name: 'Vera', email: 'vera@example.com', password: 'only looking on' });

  await page.reload();
  await member('Vera').getByText('vera@example.com').waitFor();
  await invitation('vera@example.com').waitFor({ state: 'hidden' });

  await theirs.getByRole('link', { name: 'Members' }).click();
  await member('Vera', theirs).getByText('(you)').waitFor();
  await member('owner@example.com', theirs).getByText('Owner', { exact: true }).waitFor();
  expect(await theirs.getByRole('combobox').count()).toBe(0);
  expect(await theirs.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
});

it('shows viewers no controls that they can’t use, and why', async () => {
  await platform.credential();
  const { page: viewers } = await newTab();
  await signIn(viewers, { email: 'vera@example.com', password: 'only looking on' });
  await open('credentials', viewers);
  const create = viewers.getByRole('button', { name: 'Create credential' });
  expect(await create.getAttribute('aria-disabled')).toBe('true');
  await create.hover();
  await viewers
    .getByRole('tooltip')
    .getByText('Admins and owners can do this. You are a viewer here.')
    .waitFor();
  await create.click({ force: true });
  expect(await viewers.getByRole('dialog').count()).toBe(0);
  await viewers.getByRole('button', { name: 'Actions for test' }).click();
  await viewers.getByRole('menuitem', { name: 'Show its activity' }).waitFor();
  expect(await viewers.getByRole('menuitem', { name: /Disable|Delete|Rotate/ }).count()).toBe(0);

  await open('api-keys', viewers);
  await viewers.getByText('You can’t see API keys').waitFor();
  await open('members', viewers);
  expect(await viewers.getByRole('button', { name: 'Invite someone' }).getAttribute('aria-disabled')).toBe(
    'true',
  );
});

it('keeps the last owner: neither leaving nor another role is possible', async () => {
  await open('members');
  await member('(you)').getByRole('button', { name: 'Leave' }).click();
  const confirm = page.getByRole('dialog');
  await confirm.getByRole('button', { name: 'Leave organization' }).click();
  await confirm.getByRole('alert').getByText('An organization needs at least one owner.').waitFor();
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  await confirm.waitFor({ state: 'hidden' });

  await member('(you)').getByRole('combobox').click();
  await page.getByRole('option', { name: 'Viewer' }).click();
  await confirm.getByRole('button', { name: 'Change my role' }).click();
  await confirm.getByRole('alert').getByText('An organization needs at least one owner.').waitFor();
  await confirm.getByRole('button', { name: 'Cancel' }).click();
});

it('lets a member be promoted, and leave', async () => {
  await open('members');
  const link = await invite(/^Member/);
  const theirs = await join(link, { name: 'Max', email: 'max@example.com', password: 'works with devices' });
  await page.reload();
  await member('Max').getByRole('combobox').click();
  await page.getByRole('option', { name: 'Admin' }).click();
  await page.getByText('Max is admin now').waitFor();

  await theirs.reload();
  await theirs.getByRole('link', { name: 'Members' }).click();
  await member('Vera', theirs).getByRole('button', { name: 'Remove Vera' }).waitFor();
  expect(await member('owner@example.com', theirs).getByRole('combobox').count()).toBe(0);
  await member('Max', theirs).getByRole('button', { name: 'Leave' }).click();
  await theirs.getByRole('button', { name: 'Leave organization' }).click();
  await theirs.waitForURL(/\/welcome$/);
  await page.reload();
  await member('Vera').waitFor();
  expect(await member('Max').count()).toBe(0);
});

it('removes a member and revokes an invitation, and both are out', async () => {
  await open('members');
  await page.getByRole('button', { name: 'Remove Vera' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove member' }).click();
  await member('Vera').waitFor({ state: 'hidden' });
  const link = await invite(/^Admin/, 'ada@example.com');
  await page.getByRole('button', { name: 'Revoke the invitation of ada@example.com' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke invitation' }).click();
  await invitation('ada@example.com').waitFor({ state: 'hidden' });
  const { page: theirs } = await newTab();
  await theirs.goto(pathOf(link));
  await theirs.getByRole('heading', { name: 'This invitation can’t be used' }).waitFor();
});

it('makes an API key that works by the command it shows, until it is revoked', async () => {
  await open('api-keys');
  await page.getByText('No API keys yet').waitFor();
  await page.getByRole('button', { name: 'Create API key' }).click();
  await page.getByLabel('Name').fill('Nightly report');
  await page.getByRole('dialog').getByRole('button', { name: 'Create API key' }).click();
  const secret = await copied('key');
  const command = await copied('curl command');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  expect(await page.content()).not.toContain(secret);

  const { stdout } = await run('/bin/sh', ['-c', `${command} --silent`]);
  expect(JSON.parse(stdout)).toMatchObject({ items: expect.any(Array) });
  const ask = () =>
    fetch(`${platform.url}/api/v1/organizations/${platform.organizationId}/devices`, {
      headers: { authorization: `Bearer ${secret}` },
    });
  expect((await ask()).status).toBe(200);

  await page.reload();
  await key('Nightly report').getByText('Active').waitFor();
  await key('Nightly report')
    .getByText(`${secret.slice(0, 10)}…`)
    .waitFor();
  await page.getByRole('button', { name: 'Revoke Nightly report' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
  await key('Nightly report').getByText('Revoked').waitFor();
  expect((await ask()).status).toBe(401);
});
