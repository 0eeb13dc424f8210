import { type Facts, nothing, writtenCommands, writtenFilters } from './facts.ts';
import { notRun, type SetupGuide } from './guide.ts';
import { plainText } from './mosquitto.ts';

/** HiveMQ is set up in XML and by extensions that differ between its editions, so all of this is in words. */

/** HiveMQ's Community Edition has no webhook: where to turn instead. */
export function hivemqWebhook(): SetupGuide {
  return {
    broker: 'hivemq',
    title: 'HiveMQ',
    steps: [
      'The Community Edition can not POST messages.',
      'If we can reach your HiveMQ, choose the subscription; WebSocket (8000) does as well.',
      'If it may open a connection to us and has the Bridge Extension, or is HiveMQ Edge, choose the bridge.',
      'If only HTTPS goes out, choose the forwarder: a small program beside HiveMQ, with this webhook.',
    ],
    files: [],
    notes: [],
  };
}

/** HiveMQ with its Enterprise Bridge Extension, or HiveMQ Edge. */
export function hivemqBridge(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  return {
    broker: 'hivemq',
    title: 'HiveMQ',
    steps: [
      'It takes the Enterprise Bridge Extension, or HiveMQ Edge; the Community Edition has no bridge.',
      `Remote broker: ${facts.host}, port ${facts.port}${facts.isTls ? ', TLS on' : ''}.`,
      'User name and password: those of this integration. Clean start: off, with a session expiry of days.',
      `Forward these local filters with QoS 1: ${filters.join('  ')}`,
      `The destination of each: ${facts.prefix} followed by the message's own topic ({#}).`,
      ...writtenCommands(facts, nothing).filters.map(
        (filter) =>
          `For commands forward ${facts.prefix}${filter} from us to you with QoS 1, and cut ${facts.prefix} off.`,
      ),
    ],
    files: [],
    notes: [
      ...notes,
      ...plainText(facts),
      "How much waits while we are away is the bridge's queue limit; keep it above your longest outage.",
      notRun('HiveMQ'),
    ],
  };
}

/** What the customer opens for us when we subscribe to their HiveMQ. */
export function hivemqSubscribe(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  return {
    broker: 'hivemq',
    title: 'HiveMQ',
    steps: [
      'Make an account for us in your security extension (the File RBAC Extension, say).',
      `Let it subscribe to: ${filters.join('  ')}`,
      ...writtenCommands(facts, nothing).filters.map((filter) => `Let it publish to: ${filter}`),
      'In conf/config.xml raise max-queue-size below queued-messages (1000 by default) to 100000, and keep the session-expiry at days.',
      'Let us reach a listener: TCP with TLS, or WebSocket (8000).',
      'Enter address, user name and password in the integration, choose MQTT 5, and test the connection.',
    ],
    files: [],
    notes: [
      ...notes,
      'Without a security extension the Community Edition lets everybody in who reaches it.',
      'Beyond max-queue-size HiveMQ drops what comes while we are away.',
      notRun('HiveMQ'),
    ],
  };
}
