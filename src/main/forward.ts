import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseBrokerUrl } from '../domain/broker-url.ts';
import { Forwarder } from '../external/forwarder.ts';
import { openTransport } from '../external/transport.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import { guardedLookup } from '../service/guard.ts';
import { StartupError } from '../service/startup-error.ts';
import { readForwardConfig } from './forward-config.ts';
import { createLog } from './log.ts';
import { stopRequest } from './stop-request.ts';

/** `npm start -- forward`: until asked to stop. @throws StartupError */
export async function forward(flags: readonly string[]): Promise<void> {
  const asked = stopRequest();
  const config = readForwardConfig(flags);
  const log = createLog(config.LOG_LEVEL);
  const broker = parseBrokerUrl(config.FORWARD_BROKER_URL);
  if ('problem' in broker) throw new StartupError(`FORWARD_BROKER_URL: ${broker.problem}`);
  const ca = config.FORWARD_CA === undefined ? undefined : readAuthority(config.FORWARD_CA);
  // It runs at the customer's: their network is theirs to reach.
  const lookup = guardedLookup({ allowPrivate: true });
  const forwarder = new Forwarder({
    open: (signal) => openTransport({ url: broker.url, ca }, { lookup, signal }),
    protocolVersion: config.FORWARD_MQTT_VERSION === '5' ? 5 : 4,
    clientId: config.FORWARD_CLIENT_ID ?? clientIdFor(config.FORWARD_WEBHOOK_URL),
    username: config.FORWARD_USERNAME ?? broker.username,
    password: config.FORWARD_PASSWORD ?? broker.password,
    subscriptions: config.FORWARD_TOPICS,
    keepAliveSeconds: 30,
    webhookUrl: config.FORWARD_WEBHOOK_URL,
    token: config.FORWARD_TOKEN,
    log,
    fetch,
  });
  await forwarder.start();
  log.info({ topics: config.FORWARD_TOPICS }, 'forwarding');
  const reason = await asked;
  log.info({ reason }, 'stopping');
  await forwarder.stop();
}

/** The same after every start on this machine, so that the broker knows the session again. */
function clientIdFor(webhookUrl: string): string {
  const { high, low } = fingerprint(Buffer.from(`${hostname()} ${webhookUrl}`));
  return `netneural-forward-${high.toString(16)}${low.toString(16)}`;
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartupError(`FORWARD_CA=${path}: can’t be read`, { cause });
  }
}
