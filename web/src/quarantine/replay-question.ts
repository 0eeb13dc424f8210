import type { Question } from '../components/Confirm.tsx';
import { plural } from '../format/value.ts';

/** What will happen, by number. */
export function replayQuestion(count: number, act: () => Promise<unknown>, reason?: string): Question {
  const messages = plural(count, 'message');
  const them = count === 1 ? 'It is' : 'They are';
  return {
    title: `Replay ${messages}?`,
    text: `${messages}${reason ? ` with ${reason}` : ''} will be decoded and stored by ${count === 1 ? 'its integration as it is' : 'their integrations as they are'} now. ${them} charted at the time ${count === 1 ? 'it states or else' : 'they state or else'} arrived. What is stored leaves quarantine, the rest stays.`,
    verb: `Replay ${messages}`,
    act,
  };
}
