import { exampleTopic, type Facts, nothing, writtenCommands, writtenFilters } from './facts.ts';
import { lines, type SetupGuide } from './guide.ts';
import { plainText } from './mosquitto.ts';
import { shellWord } from './quoting.ts';

/** Anything that can POST. */
export function genericWebhook(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  const topic = exampleTopic(filters[0]!);
  const temperature = { topic, payload: { temperature: 21.5 } };
  const one = { messages: [temperature] };
  const batch = {
    messages: [
      { id: 'a-1', ...temperature, timestamp: '2026-01-31T12:00:00Z', qos: 1, retain: false },
      { id: 'a-2', topic, payload_base64: 'eyJ0ZW1wZXJhdHVyZSI6MjEuNn0=' },
    ],
  };
  const post = (body: unknown) => [
    `curl -X POST ${shellWord(facts.url)} \\`,
    `  -H ${shellWord(`authorization: Bearer ${facts.token}`)} -H 'content-type: application/json' \\`,
    `  -d ${shellWord(JSON.stringify(body))}`,
  ];
  const url = facts.url.replace(/^https?:\/\//, '');
  const request = lines(
    `POST /${url.split('/').slice(1).join('/')} HTTP/1.1`,
    `host: ${url.split('/')[0]}`,
    `authorization: Bearer ${facts.token}`,
    'content-type: application/json',
    '',
    JSON.stringify(batch, null, 2),
  );
  return {
    broker: 'generic',
    title: 'Anything that can POST',
    steps: [
      'Run one.sh: it sends one message, and the answer has its receipt.',
      'In your own program send up to 1,000 messages in one request, as batch.sh and request.http do.',
      'Take a 2xx as stored. On 429 and 503 wait for Retry-After, and send the same body again.',
      'A sender that can not set a header appends ?token= and the token to the URL.',
    ],
    files: [
      { name: 'one.sh', language: 'sh', text: lines('#!/bin/sh', post(one)) },
      { name: 'batch.sh', language: 'sh', text: lines('#!/bin/sh', post(batch)) },
      { name: 'request.http', language: 'http', text: request },
    ],
    notes: [
      ...notes,
      'Give each message an id, or a time in its payload: a request that you send again is then stored once.',
      'A token in a URL is in the logs of proxies on the way.',
    ],
  };
}

/** Any other broker that can bridge. */
export function genericBridge(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  return {
    broker: 'generic',
    title: 'Any other broker',
    steps: [
      `Connect to ${facts.host}, port ${facts.port}${facts.isTls ? ' with TLS' : ''}, MQTT 3.1.1, clean session off, with a client id that stays the same.`,
      'User name and password: those of this integration.',
      `Forward these filters, outwards only, with QoS 1: ${filters.join('  ')}`,
      `Put ${facts.prefix} before each topic.`,
      ...writtenCommands(facts, nothing).filters.map(
        (filter) =>
          `For commands fetch ${facts.prefix}${filter} with QoS 1, inwards only, and cut ${facts.prefix} off.`,
      ),
    ],
    files: [],
    notes: [
      ...notes,
      ...plainText(facts),
      "Publishing outside of the prefix ends the connection; the reason is in the integration's activity.",
    ],
  };
}

/** What the customer opens for us when we subscribe to any other broker. */
export function genericSubscribe(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  const commands = writtenCommands(facts, nothing).filters;
  return {
    broker: 'generic',
    title: 'Any other broker',
    steps: [
      commands.length === 0
        ? 'Make an account for us that may subscribe, and publish nothing.'
        : 'Make an account for us that may subscribe, and publish commands alone.',
      `Let it read: ${filters.join('  ')}`,
      ...commands.map((filter) => `Let it write: ${filter}`),
      'Keep our session while we are away, for days, with a queue that is long enough.',
      'Let us reach a listener: mqtts or wss; mqtt or ws where nobody listens on the way.',
      'Enter the URL, user name and password in the integration, and a CA if yours is not a public one. Test the connection.',
    ],
    files: [],
    notes: [
      ...notes,
      'We subscribe with QoS 1 and acknowledge after the message is stored. What your broker drops before that is gone: look at its limits for messages under way and waiting.',
    ],
  };
}
