import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const dashboard = new URL('../../dist/web/index.html', import.meta.url);
const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real Chromium that asks nobody but us. In `beforeAll`, with `close` in `afterAll`. */
export async function startBrowser(): Promise<Browser> {
  if (!existsSync(dashboard)) throw new Error('dist/web is missing: run `npm run build` before these tests');
  const executablePath = process.env.CHROMIUM ?? programs.find((program) => existsSync(program));
  if (!executablePath) throw new Error('Chromium is missing: install it, or name its program in CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Tab {
  page: Page;
  /**
   * What no page may do, whatever is tested: errors and broken policies in the console, requests to another
   * origin, files that are missing, answers that say the platform failed.
   */
  faults: string[];
  close(): Promise<void>;
}

/** A tab of a browser that has never been here, or with what `options` bring along. */
export async function openTab(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const { origin } = new URL(url);
  const context = await browser.newContext({ baseURL: origin, ...options });
  context.setDefaultTimeout(10_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // Every refused or unanswered request is told here as well; `response` below judges those.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (/^(http|ws)/.test(asked.protocol) && asked.host !== new URL(origin).host)
      faults.push(`another origin: ${request.url()}`);
  });
  page.on('response', (response) => {
    const refusedByApi = response.status() < 500 && new URL(response.url()).pathname.startsWith('/api/');
    if (response.status() >= 400 && !refusedByApi) faults.push(`${response.status()} ${response.url()}`);
  });
  return { page, faults, close: () => context.close() };
}

/** By the sign-in page, as people do. */
export async function signIn(page: Page, account: { email: string; password: string }): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}
