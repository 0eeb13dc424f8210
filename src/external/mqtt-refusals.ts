import type { ConnectionProblem } from '../contract/connection-test.ts';

/** What a broker's codes mean to a customer: MQTT 3.1.1 sections 3.2.2.3 and 3.9.3, MQTT 5.0 section 2.4. */

export type MqttVersion = 4 | 5;

const versionNames = { 4: '3.1.1', 5: '5' } as const;

type Row = readonly [code: string, message: string, advice: string];

const badLogin: Row = ['bad_login', 'Bad user name or password', 'Check both; passwords are case-sensitive'];
/** Mosquitto says this of a wrong password, and so do many. */
const notAllowed: Row = [
  'bad_login',
  'Bad user name or password, or this user may not connect',
  'Check both, then the broker’s access rules for this user and for any client id',
];
const clientId: Row = [
  'client_id_refused',
  'The broker refuses the client id, which is ours and random here',
  'Allow client ids that begin with netneural-',
];
const away: Row = [
  'broker_away',
  'The broker says that it is not available',
  'Try again shortly; see its log',
];

const connectCodes3: Record<number, Row> = { 2: clientId, 3: away, 4: badLogin, 5: notAllowed };

const reasons5: Record<number, Row> = {
  133: clientId,
  134: badLogin,
  135: notAllowed,
  136: away,
  137: ['broker_busy', 'The broker is busy', 'Try again shortly'],
  138: ['banned', 'The broker has banned us', 'Lift the ban on this user, client id or address'],
  140: ['bad_login', 'The broker wants another way to log in', 'Allow user name and password'],
  149: ['packet_too_large', 'The broker takes no packet of this size', 'Shorten user name or password'],
  151: ['quota_exceeded', 'A quota of the broker is used up', 'Raise it, or end other connections'],
  156: ['moved', 'The broker sends us to another server', 'Use that server’s address'],
  157: ['moved', 'The broker has moved to another server', 'Use that server’s address'],
  159: ['too_many_connects', 'The broker takes no more connections for now', 'Try again in a minute'],
};

const filterReasons5: Record<number, string> = {
  131: 'for a reason of its own',
  135: 'not allowed',
  143: 'the filter is not valid to it',
  151: 'a quota is used up',
  158: 'it has no shared subscriptions',
  161: 'it has no subscription identifiers',
  162: 'it has no wildcards',
};

const disconnectReasons5: Record<number, string> = {
  135: 'not allowed',
  137: 'it is busy',
  139: 'it is shutting down',
  142: 'another client took over the session',
  147: 'too many messages at once',
  149: 'a packet was too large',
  150: 'too many messages a second',
  151: 'a quota is used up',
  152: 'an administrator did it',
};

function hexCode(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}

/** What CONNACK's code says. @returns undefined for success */
export function connectRefusal(version: MqttVersion, code: number): ConnectionProblem | undefined {
  if (code === 0) return undefined;
  // A broker that does not know version 5 answers in the words of 3.1.1 [MQTT-3.1.2-2].
  if (code === 1 || code === 0x84) return versionRefused(version);
  const row = code < 0x80 ? connectCodes3[code] : version === 5 ? reasons5[code] : undefined;
  const [name, message, advice] = row ?? [
    'refused',
    `The broker refused the connection (${hexCode(code)})`,
    'See the broker’s log',
  ];
  return { code: name, message, advice };
}

/** The broker speaks MQTT, but not this version of it. */
export function versionRefused(version: MqttVersion): ConnectionProblem {
  const other = versionNames[version === 5 ? 4 : 5];
  return {
    code: 'version_refused',
    message: `The broker does not speak MQTT ${versionNames[version]}: choose ${other}`,
    advice: `Set the version to ${other}`,
  };
}

/** What SUBACK's code says about one filter. @returns undefined when it was granted, with whatever QoS */
export function subscribeRefusal(filter: string, code: number): ConnectionProblem | undefined {
  if (code < 0x80) return undefined;
  const reason = filterReasons5[code];
  return {
    code: 'subscription_refused',
    message: `The broker refused ${filter}${reason ? `: ${reason}` : ''}`,
    advice: 'Give this user the right to read it in the broker’s access rules, or choose other topics',
  };
}

/** What the DISCONNECT of a broker says, which only version 5 has. */
export function disconnectProblem(code: number): ConnectionProblem {
  return {
    code: 'disconnected',
    message: `The broker ended the connection: ${disconnectReasons5[code] ?? hexCode(code)}`,
    advice: 'See the broker’s log and its limits for this user',
  };
}

/** What PUBACK's code says. @returns undefined when the message was taken, whoever hears it */
export function publishRefusal(topic: string, code: number): ConnectionProblem | undefined {
  if (code < 0x80) return undefined;
  return {
    code: 'publish_refused',
    message: `The broker refused a message on ${topic} (${hexCode(code)})`,
    advice: 'Give this user the right to publish to it, or choose another topic',
  };
}
