import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { type Progress, type SimulateOptions, simulate } from './simulate.ts';

const usage = `Plays a fleet of sensors against the broker. They answer commands: set_interval {seconds}, reboot, identify;
about one in twelve fails, on purpose.

  npm run simulate -- --devices 50 --rate 5 --duration 60

  --devices 50        how many
  --rate 5            messages per second, of all together
  --duration 60       seconds; 0 for until Ctrl-C
  --seed 1            the same seed, the same fleet
  --outages 4         how often a device fails per hour, on average; 0 for never
  --url               the broker's, or MQTT_URL; mqtt://127.0.0.1:1883 without
  --username          or MQTT_USERNAME
  --password          or MQTT_PASSWORD
  --organization      the id in the credential's topic prefix, or MQTT_ORGANIZATION
`;

/** Ends the program with one clear line. */
class Refused extends Error {}

async function main(): Promise<void> {
  const options = await readOptions();
  if (!options) return;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  say(`${options.devices} devices, ${options.rate} messages/s, seed ${options.seed}. Ctrl-C ends it.`);

  const summary = await simulate({ ...options, signal: stop.signal, onProgress: (now) => say(line(now)) });
  const lost = summary.sent - summary.acknowledged;
  const within = summary.acknowledgedAfter;
  const unconfirmed = lost > 0 ? `, ${lost} were not` : '';
  say(
    `\nSent ${summary.sent} messages in ${summary.seconds.toFixed(1)} s; ${summary.acknowledged} were acknowledged${unconfirmed}.`,
  );
  if (within)
    say(`Half of them within ${within.p50.toFixed(1)} ms, 99 % within ${within.p99.toFixed(1)} ms.`);
  if (summary.commands > 0) say(`${summary.commands} commands were answered.`);
  if (summary.missed > 0) say(`${summary.missed} turns fell to devices that were failing on purpose.`);
  if (summary.heldBack > 0) say(`${summary.heldBack} turns were held back: the broker was away or behind.`);
  if (lost > 0) process.exitCode = 1;
}

function line(now: Progress): string {
  const seconds = String(Math.floor(now.seconds)).padStart(5);
  const connected = `${now.connected}/${now.connections} connected`;
  const messages = `sent ${now.sent}  acknowledged ${now.acknowledged}  in flight ${now.inFlight}`;
  return `${seconds} s  ${connected}  ${messages}  commands answered ${now.commands}`;
}

async function readOptions(): Promise<SimulateOptions | undefined> {
  const { values } = parseArgs({
    options: {
      devices: { type: 'string', default: '50' },
      rate: { type: 'string', default: '5' },
      duration: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      outages: { type: 'string', default: '4' },
      url: { type: 'string', default: process.env.MQTT_URL ?? 'mqtt://127.0.0.1:1883' },
      username: { type: 'string', default: process.env.MQTT_USERNAME },
      password: { type: 'string', default: process.env.MQTT_PASSWORD },
      organization: { type: 'string', default: process.env.MQTT_ORGANIZATION },
      help: { type: 'boolean', default: false, short: 'h' },
    },
  });
  if (values.help) {
    say(usage);
    return undefined;
  }
  const { url, username, password, organization } = values;
  if (!username || !password || !organization) throw new Refused(await howToGetIn(url));
  const duration = number('duration', values.duration, { least: 0, most: 31_536_000 });
  return {
    url: brokerUrl(url),
    username,
    password,
    organizationId: organizationId(organization),
    devices: number('devices', values.devices, { least: 1, most: 20_000, whole: true }),
    rate: number('rate', values.rate, { least: 0.01, most: 20_000 }),
    durationSeconds: duration === 0 ? Number.POSITIVE_INFINITY : duration,
    seed: number('seed', values.seed, { least: 0, most: 2 ** 31, whole: true }),
    outagesPerHour: number('outages', values.outages, { least: 0, most: 3600 }),
  };
}

function number(name: string, text: string, is: { least: number; most: number; whole?: boolean }): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= is.least && value <= is.most && (!is.whole || Number.isInteger(value))) {
    return value;
  }
  const kind = is.whole ? 'a whole number' : 'a number';
  throw new Refused(`--${name} takes ${kind} from ${is.least} to ${is.most}, not "${text}".`);
}

function brokerUrl(text: string): string {
  if (URL.canParse(text) && /^(mqtts?|wss?):$/.test(new URL(text).protocol)) return text;
  throw new Refused(`--url takes an mqtt://, mqtts://, ws:// or wss:// URL, not "${text}".`);
}

/** The id, also out of a whole topic prefix as the dashboard shows it. */
function organizationId(text: string): string {
  const id = /^(?:org_)?([A-Za-z0-9-]+)(?:\/.*)?$/.exec(text)?.[1];
  if (id === undefined) throw new Refused(`--organization takes an organization's id, not "${text}".`);
  return id;
}

async function howToGetIn(url: string): Promise<string> {
  const first = (await answers(brokerUrl(url)))
    ? `A broker answers at ${url}.`
    : `Nothing answers at ${url}: start the platform first (npm start).`;
  return `${first} The fleet needs a credential to publish with: "Connect a device" in the dashboard
makes one and shows its password once. Pass it on, its topic prefix being the organization:

  npm run simulate -- --username … --password … --organization org_…

or set MQTT_USERNAME, MQTT_PASSWORD and MQTT_ORGANIZATION.`;
}

function answers(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const standard = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 }[protocol];
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || standard), timeout: 1_000 });
    const answer = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  const { message, code } = error as Error & { code?: unknown };
  process.stderr.write(`${message || String(code)}\n`);
  process.exitCode = 1;
}
