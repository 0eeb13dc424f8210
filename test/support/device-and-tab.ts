import { connectAsync, type MqttClient } from 'mqtt';
import type { Browser } from 'playwright-core';
import { openTab, signIn, startBrowser, type Tab } from './browser.ts';
import { owner, type TestPlatform, testPlatform } from './platform.ts';

export interface DeviceAndTab {
  browser: Browser;
  platform: TestPlatform;
  /** Where the owner is signed in. */
  tab: Tab;
  /** Telemetry of the device `name`; resolves when it is acknowledged, and so stored or in quarantine. */
  publish(name: string, payload: string | Buffer): Promise<unknown>;
  close(): Promise<void>;
}

/** A platform, a device that publishes to it, and a tab that looks at it. In `beforeAll`, with `close` in `afterAll`. */
export async function deviceAndTab(): Promise<DeviceAndTab> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const browser = await startBrowser();
    ends.push(() => browser.close());
    const platform = await testPlatform();
    ends.push(() => platform.close());
    const device = await connected(platform);
    ends.push(() => device.endAsync());
    const tab = await openTab(browser, platform.url);
    ends.push(() => tab.close());
    await signIn(tab.page, owner);
    const publish = (name: string, payload: string | Buffer) =>
      device.publishAsync(`org_${platform.organizationId}/devices/${name}/telemetry`, payload, { qos: 1 });
    return { browser, platform, tab, publish, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connected(platform: TestPlatform): Promise<MqttClient> {
  const { username, password } = await platform.credential();
  return connectAsync(platform.mqttUrl, { protocolVersion: 4, clientId: 'kiln', username, password });
}
