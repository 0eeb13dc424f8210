import { type Facts, nothing, writtenCommands, writtenFilters } from './facts.ts';
import { lines, publicAuthorities, type SetupGuide } from './guide.ts';

/** Facts about Mosquitto: mosquitto.conf(5) of 2.0, and its behaviour in our tests. */

const run = 'Run in our tests with a real Mosquitto 2.0.';

/** Mosquitto splits its `topic` line at blanks and knows no quotes. */
const topicLine = /\s/;

const queue = lines(
  '# For mosquitto.conf, where the first lines are not there already. They hold for the whole broker.',
  'persistence true',
  'autosave_interval 60',
  '# Messages that wait for one client; further ones are dropped. The default is 1000.',
  'max_queued_messages 100000',
);

/** A Mosquitto of the customer's that hands its messages on to our hosted broker. */
export function mosquittoBridge(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, topicLine);
  const commands = writtenCommands(facts, topicLine);
  const client = facts.slug.replaceAll('_', '-');
  const tls = [
    `# The authorities that may have signed our certificate; on Red Hat /etc/pki/tls/certs/ca-bundle.crt.`,
    `bridge_cafile ${publicAuthorities}`,
    `# Or a directory of them: bridge_capath /etc/ssl/certs`,
  ];
  const bridge = lines(
    `# NetNeural MQTT: ${facts.name}`,
    `connection ${client}`,
    `address ${facts.host}:${facts.port}`,
    'bridge_protocol_version mqttv311',
    `remote_username ${facts.username}`,
    `remote_password ${facts.password}`,
    `remote_clientid ${client}`,
    '# What could not be sent waits, also while the connection is down.',
    'cleansession false',
    'try_private false',
    'notifications false',
    'bridge_attempt_unsubscribe false',
    facts.isTls ? tls : [],
    '# Your own topics stay as they are; with us they stand below the prefix.',
    filters.map((filter) => `topic ${filter} out 1 "" ${facts.prefix}`),
    commands.filters.flatMap((filter) => [
      '# Commands come the other way. What came by a bridge is not sent back over it.',
      `topic ${filter} in 1 "" ${facts.prefix}`,
    ]),
  );
  return {
    broker: 'mosquitto',
    title: 'Mosquitto',
    steps: [
      'Save bridge.conf as /etc/mosquitto/conf.d/netneural.conf, readable for Mosquitto only: it holds a password.',
      'Add the lines of queue.conf to mosquitto.conf, so that messages outlive a restart and a longer outage.',
      'Restart Mosquitto: it does not read a bridge on a reload.',
      'Its log says "Connecting bridge"; the first message then shows here.',
    ],
    files: [
      { name: 'bridge.conf', language: 'conf', text: bridge },
      { name: 'queue.conf', language: 'conf', text: queue },
    ],
    notes: [
      ...notes,
      ...commands.notes,
      ...plainText(facts),
      'While we are away, Mosquitto keeps up to max_queued_messages messages of QoS 1 and 2 and drops what comes then. QoS 0 does not wait.',
      'After a kill or a power cut Mosquitto has what it had at its last autosave.',
      'Retained messages are sent again whenever Mosquitto starts. Those with a time in their payload are known again.',
      'One file for one Mosquitto: two with the same remote_clientid disconnect each other.',
      run,
    ],
  };
}

/** Mosquitto has no outgoing webhook: where to turn instead. */
export function mosquittoWebhook(): SetupGuide {
  return {
    broker: 'mosquitto',
    title: 'Mosquitto',
    steps: [
      'Mosquitto can not POST messages.',
      'If it may open a connection to us, choose the bridge: one file for Mosquitto, nothing else to run.',
      'If only HTTPS goes out, choose the forwarder: a small program beside Mosquitto, with this webhook.',
      'If we can reach your Mosquitto, choose the subscription.',
    ],
    files: [],
    notes: [],
  };
}

/** What the customer opens for us when we subscribe to their Mosquitto. */
export function mosquittoSubscribe(facts: Facts): SetupGuide {
  const { filters, notes } = writtenFilters(facts, nothing);
  const commands = writtenCommands(facts, nothing);
  return {
    broker: 'mosquitto',
    title: 'Mosquitto',
    steps: [
      'Make an account for us: mosquitto_passwd /etc/mosquitto/passwd netneural',
      'Add acl.conf to the file that acl_file names.',
      'Add the lines of subscriber.conf to mosquitto.conf and restart Mosquitto.',
      'Let us reach a listener, best one with TLS.',
      'Enter address, user name and password in the integration, and test the connection.',
    ],
    files: [
      {
        name: 'acl.conf',
        language: 'conf',
        text: lines(
          `# NetNeural MQTT: ${facts.name}`,
          'user netneural',
          filters.map((filter) => `topic read ${filter}`),
          commands.filters.map((filter) => `topic write ${filter}`),
        ),
      },
      {
        name: 'subscriber.conf',
        language: 'conf',
        text: lines(
          queue.trimEnd(),
          '# Messages on their way to one client before it acknowledges; the default of 20 makes MQTT 3.1.1 slow.',
          'max_inflight_messages 0',
        ),
      },
    ],
    notes: [
      ...notes,
      ...commands.notes,
      'We acknowledge after the message is stored. While we are away, it waits in our session at your broker, up to max_queued_messages; further ones are dropped.',
      'Leave persistent_client_expiration unset or longer than an outage may last.',
      'Mosquitto does not refuse a SUBSCRIBE that its ACL forbids, it delivers nothing: if the test finds no message, look at the ACL.',
      run,
    ],
  };
}

/** A note for a connection that anybody on the way can read. */
export function plainText(facts: Facts): string[] {
  return facts.isTls ? [] : ['Without TLS the password and all messages can be read on the way.'];
}
