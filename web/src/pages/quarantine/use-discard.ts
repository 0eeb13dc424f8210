import { useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { Quarantined } from '../../api/types.ts';
import type { Question } from '../../components/Confirm.tsx';
import { tell } from '../../components/toasts.ts';
import { plural } from '../../format/value.ts';

/** Requests under way at once: the rest of the page wants to ask things too. */
const together = 4;

/** Discards messages for good. Throws the first refusal; what was discarded before it is gone. */
export function useDiscard(org: string): (messages: Quarantined[]) => Promise<void> {
  const queries = useQueryClient();
  return async (messages) => {
    const waiting = [...messages];
    const next = async () => {
      for (let message = waiting.pop(); message; message = waiting.pop()) await discardOne(org, message.id);
    };
    try {
      await Promise.all(Array.from({ length: together }, next));
      tell(`${plural(messages.length, 'message')} discarded`);
    } finally {
      waiting.length = 0;
      await queries.invalidateQueries({ queryKey: [org, 'quarantine'] });
      void queries.invalidateQueries({ queryKey: [org, 'overview'] });
    }
  };
}

async function discardOne(org: string, message: string): Promise<void> {
  try {
    await answer(
      api.DELETE('/api/v1/organizations/{org}/quarantine/{message}', { params: { path: { org, message } } }),
    );
  } catch (error) {
    // Somebody else was quicker.
    if (!(error instanceof ApiProblem && error.status === 404)) throw error;
  }
}

/** What will happen, by number and name. */
export function discardQuestion(messages: Quarantined[], act: () => Promise<unknown>): Question {
  const count = plural(messages.length, 'message');
  const devices = new Set(messages.map(({ external_device_id: device }) => device));
  const [device] = devices;
  const source = devices.size > 1 ? ` of ${plural(devices.size, 'device')}` : device ? ` of ${device}` : '';
  const payloads = messages.length === 1 ? 'its payload' : 'their payloads';
  return {
    title: `Discard ${count}?`,
    text: `${count}${source} will be deleted with ${payloads}, and can’t be brought back. What is sent from now on is not affected.`,
    verb: `Discard ${count}`,
    danger: true,
    act,
  };
}
