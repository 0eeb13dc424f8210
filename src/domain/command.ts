/**
 * What becomes of a command. Nothing is claimed that was not confirmed: states may be skipped, never invented, and
 * one that is final stays. Drawn in docs/guides/commands.md, which a test compares with this table.
 */

export const commandStates = [
  'queued',
  'published',
  'delivered',
  'acknowledged',
  'succeeded',
  'failed',
  'expired',
  'cancelled',
  'undeliverable',
] as const;
export type CommandState = (typeof commandStates)[number];

/** What can happen to a command. */
export const commandEvents = [
  /** A broker has confirmed it (PUBACK). */
  'publish',
  /** The device's own client has confirmed it to the hosted broker. */
  'deliver',
  /** The device has answered. */
  'acknowledge',
  'succeed',
  'fail',
  /** The session it was published to is gone, with the device's client not having confirmed it. */
  'lose',
  'expire',
  'cancel',
  /** It can't be sent, and trying again would not help. */
  'give_up',
] as const;
export type CommandEvent = (typeof commandEvents)[number];

const final = {} as const;

/** For each state, what each event makes of it. An event that is not there changes nothing. */
export const commandTransitions: Readonly<
  Record<CommandState, Readonly<Partial<Record<CommandEvent, CommandState>>>>
> = {
  queued: {
    publish: 'published',
    deliver: 'delivered',
    acknowledge: 'acknowledged',
    succeed: 'succeeded',
    fail: 'failed',
    expire: 'expired',
    cancel: 'cancelled',
    give_up: 'undeliverable',
  },
  published: {
    deliver: 'delivered',
    acknowledge: 'acknowledged',
    succeed: 'succeeded',
    fail: 'failed',
    lose: 'queued',
    expire: 'expired',
  },
  delivered: { acknowledge: 'acknowledged', succeed: 'succeeded', fail: 'failed', expire: 'expired' },
  acknowledged: { succeed: 'succeeded', fail: 'failed', expire: 'expired' },
  succeeded: final,
  failed: final,
  expired: final,
  cancelled: final,
  undeliverable: final,
};

/** @returns undefined when the event changes nothing */
export function nextCommandState(state: CommandState, event: CommandEvent): CommandState | undefined {
  return commandTransitions[state][event];
}

/** Nothing more becomes of it. */
export function isFinal(state: CommandState): boolean {
  return commandTransitions[state] === final;
}

export const openStates = commandStates.filter((state) => !isFinal(state));
export const finalStates = commandStates.filter(isFinal);

/** Why a command is where it is, in stable words, each with the sentence that tells people what to do. */
export const commandReasons = {
  device_away: 'Nobody is subscribed to the device’s commands. It is sent when somebody is.',
  broker_away: 'The broker can’t be reached. It is tried again.',
  broker_refused: 'The broker refuses our login. It is tried again a few times.',
  broker_busy: 'The broker takes no more at the moment. It is tried again.',
  session_lost: 'The device’s connection ended before it confirmed this. It is sent again.',
  not_sent: 'It could not be sent before it expired.',
  not_delivered: 'The broker had it; the device did not confirm it before it expired.',
  not_answered: 'The device had it and did not answer in time.',
  not_finished: 'The device began and did not say in time how it ended.',
  superseded: 'A newer command took its place before it was sent.',
  cancelled: 'Somebody called it off before it was sent.',
  no_command_topic: 'The device’s integration says no topic for commands. Set one, then send again.',
  no_broker: 'The device’s integration says no broker to send commands to. Set one, then send again.',
  bad_settings: 'The integration’s settings for commands can’t be used. Correct them, then send again.',
  integration_disabled: 'The device’s integration is switched off. Switch it on, then send again.',
  publish_refused:
    'The broker refuses to take it. Give our user the right to publish there, then send again.',
  too_large: 'The broker takes no message of that size.',
} as const;
export type CommandReason = keyof typeof commandReasons;

/** Bounds of what a command holds. */
export const commandLimits = {
  nameCharacters: 100,
  /** Of `params` and of `result`, as JSON. */
  jsonBytes: 65_536,
  /** Of `params`: objects and arrays in each other. */
  jsonLevels: 32,
  defaultTtlSeconds: 86_400,
  longestTtlSeconds: 30 * 86_400,
  /** A device that has just got a command may still answer. */
  answerGraceSeconds: 60,
  /** One that said it has begun has so long to end. */
  finishSeconds: 86_400,
} as const;
