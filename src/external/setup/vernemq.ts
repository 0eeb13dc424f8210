import { type Facts, writtenCommands, writtenFilters } from './facts.ts';
import { lines, notRun, publicAuthorities, type SetupGuide } from './guide.ts';
import { shellWord } from './quoting.ts';

/**
 * VerneMQ with its plugin vmq_webhooks (`vmq_webhooks.schema`). It sets no headers of ours, so the token is in the
 * URL; payloads are base64 by default; MQTT 5 clients have a hook of their own.
 */
export function vernemqWebhook(facts: Facts): SetupGuide {
  const hooks = ['on_publish', 'on_publish_m5'];
  const conf = lines(
    `# NetNeural MQTT: ${facts.name}`,
    'plugins.vmq_webhooks = on',
    facts.isHttps ? `vmq_webhooks.cafile = ${publicAuthorities}` : [],
    hooks.flatMap((hook) => [
      `vmq_webhooks.netneural_${hook}.hook = ${hook}`,
      `vmq_webhooks.netneural_${hook}.endpoint = ${facts.urlWithToken}`,
    ]),
  );
  const commands = lines(
    '#!/bin/sh',
    'set -eu',
    hooks.map(
      (hook) =>
        `vmq-admin webhooks register hook=${hook} endpoint=${shellWord(facts.urlWithToken)} --base64payload=true`,
    ),
  );
  return {
    broker: 'vernemq',
    title: 'VerneMQ',
    steps: [
      'Add vernemq.conf to the end of /etc/vernemq/vernemq.conf on every node, and restart.',
      'Or, to try it without a restart, run vernemq.sh while the plugin is enabled; that is gone after the next restart.',
      'vmq-admin webhooks show lists both hooks.',
    ],
    files: [
      { name: 'vernemq.conf', language: 'conf', text: conf },
      { name: 'vernemq.sh', language: 'sh', text: commands },
    ],
    notes: [
      'VerneMQ can not choose by topic: it POSTs every message of the broker. Those on topics that the integration does not expect go to quarantine: list all that your devices use.',
      'It waits 5 seconds and does not try again: a message that we answer with 503, or that does not reach us, is lost. If that matters, choose the subscription.',
      'The token is in the URL, and so in the logs of proxies on the way. Rotate it if one of them is not yours.',
      notRun('VerneMQ'),
    ],
  };
}

/** What the customer opens for us when we subscribe to their VerneMQ. */
export function vernemqSubscribe(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, /\s/);
  const commands = writtenCommands(facts, /\s/);
  return {
    broker: 'vernemq',
    title: 'VerneMQ',
    steps: [
      'Make an account for us: vmq-passwd /etc/vernemq/vmq.passwd netneural',
      'Add vmq.acl to /etc/vernemq/vmq.acl.',
      'Add vernemq.conf to the end of /etc/vernemq/vernemq.conf on every node, and restart.',
      'Let us reach a listener, best one with TLS.',
      'Enter address, user name and password in the integration, and test the connection.',
    ],
    files: [
      {
        name: 'vmq.acl',
        language: 'conf',
        text: lines(
          'user netneural',
          filters.map((filter) => `topic read ${filter}`),
          commands.filters.map((filter) => `topic write ${filter}`),
        ),
      },
      {
        name: 'vernemq.conf',
        language: 'conf',
        text: lines(
          '# How much may be under way to one client, how much waits for it, and for how long.',
          'max_inflight_messages = 1000',
          'max_online_messages = 100000',
          'max_offline_messages = 100000',
          'persistent_client_expiration = 1w',
        ),
      },
    ],
    notes: [
      ...notes,
      ...commands.notes,
      'Beyond max_offline_messages VerneMQ drops what comes while we are away.',
      notRun('VerneMQ'),
    ],
  };
}
