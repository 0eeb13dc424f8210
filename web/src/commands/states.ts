import { type CommandState, isFinal } from '../../../src/domain/command.ts';
import type { CommandsAsked } from '../api/command-queries.ts';

/** What each state is called, and what is known in it. */
export const stateWords: Record<CommandState, { word: string; meaning: string }> = {
  queued: { word: 'Waiting', meaning: 'Not sent yet' },
  published: { word: 'Published', meaning: 'The broker has it' },
  delivered: { word: 'Delivered', meaning: 'The device’s client has confirmed it' },
  acknowledged: { word: 'Acknowledged', meaning: 'The device has said that it begins' },
  succeeded: { word: 'Succeeded', meaning: 'The device has said that it is done' },
  failed: { word: 'Failed', meaning: 'The device has said that it could not do it' },
  expired: { word: 'Expired', meaning: 'Its time was up before the device said how it ended' },
  cancelled: { word: 'Cancelled', meaning: 'Called off before it was sent' },
  undeliverable: { word: 'Undeliverable', meaning: 'It can’t be sent as things are' },
};

/** What a history can be narrowed to; the names stand in addresses. */
export const commandFilters = {
  waiting: { word: 'Waiting', states: ['queued'] },
  under_way: { word: 'Under way', states: ['published', 'delivered', 'acknowledged'] },
  succeeded: { word: 'Succeeded', states: ['succeeded'] },
  failed: { word: 'Failed', states: ['failed'] },
  unanswered: { word: 'Unanswered', states: ['expired'] },
  dead_letters: { word: 'Dead letters', states: ['undeliverable'] },
  cancelled: { word: 'Cancelled', states: ['cancelled'] },
} satisfies Record<string, { word: string; states: CommandState[] }>;
export type CommandFilterName = keyof typeof commandFilters;

export function isCommandFilter(text: unknown): text is CommandFilterName {
  return typeof text === 'string' && Object.hasOwn(commandFilters, text);
}

/** What stands in the address of a history. */
export interface CommandSearch {
  state?: CommandFilterName;
  device?: string;
  name?: string;
}

/** What the API is asked for it. */
export function askedBy({ state, device, name }: CommandSearch): CommandsAsked {
  return { states: state && commandFilters[state].states, device, name };
}

export type CommandAction = 'cancel' | 'send_again';

/** What can still be done about a command. */
export function actionFor(state: CommandState): CommandAction | undefined {
  if (state === 'queued') return 'cancel';
  return isFinal(state) ? 'send_again' : undefined;
}

/** It did not come to what was wanted, so somebody may want to send it again. */
export function wentWrong(state: CommandState): boolean {
  return state === 'failed' || state === 'expired' || state === 'undeliverable';
}
