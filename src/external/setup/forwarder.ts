import { type Facts, writtenFilters } from './facts.ts';
import { lines, type SetupFile, type SetupGuide } from './guide.ts';
import { environmentValue } from './quoting.ts';

/** The forwarder takes its filters as one list with commas, and blanks around them don't count. */
const listItem = /,|^\s|\s$/;

const unit = lines(
  '[Unit]',
  'Description=NetNeural MQTT forwarder',
  'Wants=network-online.target',
  'After=network-online.target',
  '',
  '[Service]',
  '# Where this repository was cloned to, and a user who may write there: the first start installs what it needs.',
  'WorkingDirectory=/opt/netneural-mqtt',
  'User=netneural',
  'EnvironmentFile=/etc/netneural/forward.env',
  'ExecStart=/usr/bin/env npm start -- forward',
  'Restart=always',
  'RestartSec=5',
  '',
  '[Install]',
  'WantedBy=multi-user.target',
);

const start = lines(
  '#!/bin/sh',
  '# In the directory of the repository, with forward.env beside it.',
  'set -eu',
  'set -a',
  '. ./forward.env',
  'set +a',
  'exec npm start -- forward',
);

function files(facts: Facts, filters: string[]): SetupFile[] {
  const setting = (name: string, value: string) => `${name}=${environmentValue(value)}`;
  const environment = lines(
    `# NetNeural MQTT: ${facts.name}`,
    '# The broker beside it, as the forwarder reaches it; mqtts://, ws:// and wss:// as well.',
    setting('FORWARD_BROKER_URL', 'mqtt://localhost:1883'),
    setting('FORWARD_USERNAME', '<username>'),
    setting('FORWARD_PASSWORD', '<password>'),
    setting('FORWARD_TOPICS', filters.join(',')),
    '# Your broker keeps what waits under this name: leave it as it is.',
    setting('FORWARD_CLIENT_ID', facts.slug.replaceAll('_', '-')),
    '# A PEM file, if the authority of your broker is your own.',
    '#FORWARD_CA="/etc/netneural/ca.pem"',
    setting('FORWARD_WEBHOOK_URL', facts.url),
    setting('FORWARD_TOKEN', facts.token),
  );
  return [
    { name: 'forward.env', language: 'sh', text: environment },
    { name: 'forward.sh', language: 'sh', text: start },
    { name: 'netneural-forward.service', language: 'conf', text: unit },
  ];
}

function guide(facts: Facts, broker: 'mosquitto' | 'generic', title: string, limits: string[]): SetupGuide {
  const { filters, notes } = writtenFilters(facts, listItem);
  return {
    broker,
    title,
    steps: [
      'Clone this repository on a machine that reaches your broker and, over HTTPS, us. Node 20 or newer is all it needs.',
      'Fill user name and password of your broker into forward.env: an account that may read the topics. Empty both if it asks for none.',
      'Try it: put forward.env and forward.sh into the clone, and run sh forward.sh.',
      'To keep it running, save forward.env as /etc/netneural/forward.env, readable for its user only, and the unit as /etc/systemd/system/netneural-forward.service.',
      'systemctl enable --now netneural-forward',
    ],
    files: files(facts, filters),
    notes: [
      ...notes,
      'It acknowledges to your broker after we have stored the message. While we are away, messages wait in its session there, as many as your broker keeps.',
      ...limits,
    ],
  };
}

/** The forwarder beside any broker: it subscribes there and POSTs batches to our webhook. */
export function forwarderGuides(facts: Facts): SetupGuide[] {
  return [
    guide(facts, 'mosquitto', 'Mosquitto', [
      'In mosquitto.conf set "persistence true", "max_queued_messages 100000" (1000 is the default, further ones are dropped) and "max_inflight_messages 0".',
    ]),
    guide(facts, 'generic', 'Any other broker', [
      'Run one forwarder for an integration: two with the same FORWARD_CLIENT_ID disconnect each other.',
    ]),
  ];
}
