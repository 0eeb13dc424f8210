import type { NotificationTest } from '../../contract/notifications.ts';
import { notDelivered } from './problems.ts';
import type { Outgoing, Send } from './send.ts';

/** Sends one at once and says what the receiver said. Never throws. */
export async function testChannel(send: Send, outgoing: Outgoing): Promise<NotificationTest> {
  const begun = performance.now();
  const outcome = await send(outgoing, new AbortController().signal).catch(notDelivered);
  const ms = Math.round(performance.now() - begun);
  if (!(outcome instanceof Error)) return { ok: true, answer: outcome.answer, problem: null, ms };
  const { code, message, answer } = outcome;
  return { ok: false, answer: answer ?? null, problem: { code, message }, ms };
}
