import { type Facts, nothing, writtenCommands, writtenFilters } from './facts.ts';
import { lines, notRun, publicAuthorities, type SetupFile, type SetupGuide } from './guide.ts';
import { hoconString, shellWord } from './quoting.ts';

/**
 * Connector, action and rule as EMQX 5.4 and later take them, from its schemas (`emqx_bridge_http_schema`,
 * `emqx_bridge_http_connector`); read beside 5.8, not run.
 */

/** A rule's FROM has no escape for a quote, and gives these names a meaning of their own. */
const sqlSource = /["\\]|^\$(events|bridges|sources)\//;

type Settings = { [name: string]: string | number | boolean | string[] | Settings };

function connector(facts: Facts): Settings {
  return {
    url: facts.url.replace(/^(https?:\/\/[^/]*).*$/, '$1'),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${facts.token}` },
    connect_timeout: '15s',
    pool_type: 'hash',
    pool_size: 8,
    ...(facts.isHttps && { ssl: { enable: true, verify: 'verify_peer', cacertfile: publicAuthorities } }),
  };
}

function action(facts: Facts): Settings {
  return {
    connector: facts.slug,
    parameters: { method: 'post', path: facts.url.replace(/^https?:\/\/[^/]*/, '') },
    resource_opts: {
      query_mode: 'async',
      // One request under way for a client: keeps its messages in order.
      inflight_window: 1,
      worker_pool_size: 16,
      // EMQX tries again on 429 and 503 only, and no longer than this.
      request_ttl: '10m',
      max_buffer_bytes: '256MB',
    },
  };
}

function rule(facts: Facts, filters: string[]): Settings {
  const sources = filters.map((filter) => `"${filter}"`).join(', ');
  return {
    // Without a template the body is all columns as JSON; base64 keeps the bytes of a payload that is no text.
    sql: `SELECT *, base64_encode(payload) as payload_base64 FROM ${sources}`,
    actions: [`http:${facts.slug}`],
  };
}

/** EMQX 5 that POSTs each message to our webhook. */
export function emqx5Webhook(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, sqlSource);
  return {
    broker: 'emqx5',
    title: 'EMQX 5',
    steps: [
      "Either run emqx.sh where EMQX's API is reached, with an API key from its dashboard (System, API Keys) in EMQX_KEY and EMQX_SECRET.",
      'Or add emqx.conf to the end of etc/emqx.conf on every node, and restart.',
      'In EMQX\'s dashboard under Integration the connector is then "Connected".',
    ],
    files: [script(facts, filters), configuration(facts, filters)],
    notes: [
      ...notes,
      'While our database is away we answer 503, and EMQX tries again for request_ttl, 10 minutes here; what is older, or beyond max_buffer_bytes, it drops.',
      'EMQX tells its publisher that a message has arrived before we have stored it. What waits is in its memory: a restart of EMQX loses it.',
      'On any other status than 429 and 503, also of a proxy in between, EMQX drops the message without trying again.',
      'Each payload goes twice, as text and as base64. If yours are all text, "SELECT * FROM" does.',
      notRun('EMQX 5.8'),
    ],
  };
}

function configuration(facts: Facts, filters: string[]): SetupFile {
  const text = lines(
    `# NetNeural MQTT: ${facts.name}`,
    block(`connectors.http.${facts.slug}`, connector(facts)),
    block(`actions.http.${facts.slug}`, action(facts)),
    block(`rule_engine.rules.${facts.slug}`, rule(facts, filters)),
  );
  return { name: 'emqx.conf', language: 'hocon', text };
}

function block(name: string, settings: Settings, indent = ''): string[] {
  const inner = Object.entries(settings).flatMap(([key, value]) => {
    const path = /^\w+$/.test(key) ? key : hoconString(key);
    if (typeof value === 'object' && !Array.isArray(value)) return block(path, value, `${indent}  `);
    const written = Array.isArray(value)
      ? `[${value.map(hoconString).join(', ')}]`
      : typeof value === 'string'
        ? hoconString(value)
        : String(value);
    return [`${indent}  ${path} = ${written}`];
  });
  return [`${indent}${name} {`, ...inner, `${indent}}`];
}

function script(facts: Facts, filters: string[]): SetupFile {
  const post = (path: string, body: Settings) => [
    `curl --fail-with-body --silent --show-error -u "$EMQX_KEY:$EMQX_SECRET" \\`,
    `  -H 'content-type: application/json' "\${EMQX_URL:-http://localhost:18083}/api/v5/${path}" \\`,
    `  -d ${shellWord(JSON.stringify(body))}`,
  ];
  const named = { type: 'http', name: facts.slug };
  const text = lines(
    '#!/bin/sh',
    `# NetNeural MQTT: ${facts.name}`,
    'set -eu',
    post('connectors', { ...named, ...connector(facts) }),
    post('actions', { ...named, ...action(facts) }),
    post('rules', { id: facts.slug, name: facts.slug, ...rule(facts, filters) }),
  );
  return { name: 'emqx.sh', language: 'sh', text };
}

/** EMQX 5 that hands its messages on over MQTT: in words, since its dashboard makes the connector. */
export function emqx5Bridge(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, sqlSource);
  return {
    broker: 'emqx5',
    title: 'EMQX 5',
    steps: [
      'In EMQX\'s dashboard under Integration, Connectors, create an "MQTT Broker" connector.',
      `Server: ${facts.host}:${facts.port}${facts.isTls ? ', with TLS and its verification on' : ''}. Protocol: MQTT 3.1.1. Clean start: off.`,
      'User name and password: those of this integration. A client id prefix of its own for each cluster.',
      'Create a rule with the SQL of rule.sql, and give it an action on that connector.',
      `The action's remote topic: ${facts.prefix}\${topic}. QoS: 1. Payload: \${payload}.`,
      ...writtenCommands(facts, nothing).filters.map(
        (filter) =>
          `For commands add a source on that connector, remote topic ${facts.prefix}${filter}, QoS 1, and a rule with a republish action that cuts ${facts.prefix} off the topic.`,
      ),
    ],
    files: [
      {
        name: 'rule.sql',
        language: 'sql',
        text: lines(`SELECT * FROM ${filters.map((filter) => `"${filter}"`).join(', ')}`),
      },
    ],
    notes: [
      ...notes,
      'Your own topics are appended: devices/t1/telemetry arrives below the prefix, and we cut it off again.',
      'EMQX drops what waits for longer than request_ttl or beyond max_buffer_bytes.',
      notRun('EMQX 5.8'),
    ],
  };
}

/** What the customer opens for us when we subscribe to their EMQX 5. */
export function emqx5Subscribe(facts: Facts): SetupGuide {
  // A rule's topic may hold placeholders, which we must not write.
  const placeholder = /\$\{|%[cu]/;
  const { filters, notes } = writtenFilters(facts, placeholder);
  const allow = (what: string, topics: string[]) =>
    `{allow, {username, "netneural"}, ${what}, [${topics.map((topic) => JSON.stringify(topic)).join(', ')}]}.`;
  const commands = writtenCommands(facts, placeholder);
  return {
    broker: 'emqx5',
    title: 'EMQX 5',
    steps: [
      'Under Access Control, Authentication, make a user "netneural" with a password.',
      'Put the lines of acl.conf at the top of etc/acl.conf, or the same into your authorization source.',
      'Add emqx.conf to the end of etc/emqx.conf on every node, and restart.',
      'Let us reach a listener, best the one with TLS on 8883.',
      'Enter address, user name and password in the integration, choose MQTT 5, and test the connection.',
    ],
    files: [
      {
        name: 'acl.conf',
        language: 'conf',
        text: lines(
          allow('subscribe', filters),
          commands.filters.map((filter) => allow('publish', [filter])),
        ),
      },
      {
        name: 'emqx.conf',
        language: 'hocon',
        text: lines(
          '# How much may be under way to one client, how much waits for it, and for how long.',
          'mqtt.max_inflight = 1000',
          'mqtt.max_mqueue_len = 100000',
          'mqtt.session_expiry_interval = "7d"',
        ),
      },
    ],
    notes: [
      ...notes,
      ...commands.notes,
      "Sessions are in EMQX's memory: what waits is lost when a node restarts, unless durable sessions (5.7 and later) are on.",
      'Beyond max_mqueue_len EMQX drops the oldest message.',
      notRun('EMQX 5.8'),
    ],
  };
}
