import {
  commandPayload,
  commandPayloadProblem,
  commandTopic,
  commandTopicProblem,
} from '../../../src/domain/command-message.ts';
import type { Integration } from '../api/types.ts';
import { asSentence } from './draft.ts';

/** How a customer's broker takes commands, while it is typed. */

type CommandForm = NonNullable<Integration['commands']>;

export interface CommandsDraft {
  /** Empty: it takes none. */
  topic: string;
  /** Empty: the command itself as JSON. */
  payload: string;
}

export function commandsDraft(form?: CommandForm | null): CommandsDraft {
  return { topic: form?.topic ?? '', payload: form?.payload ?? '' };
}

/** As the API takes it; null for none. */
export function commandsBody({ topic, payload }: CommandsDraft): CommandForm | null {
  if (topic.trim() === '') return null;
  return { topic: topic.trim(), payload: payload.trim() === '' ? undefined : payload };
}

/** What previews are made of. */
const device = 'boiler-1';
const command = {
  id: '6a1f0e0c-4d0b-4c58-9a3e-2f4b7d1c9e55',
  name: 'set_interval',
  params: { seconds: 30 },
};
export const exampleWords = 'set_interval with seconds 30, for boiler-1';

/**
 * What would be published of an example.
 * @param expiresAt ISO 8601
 */
export function commandsPreview(
  draft: CommandsDraft,
  expiresAt: string,
): { topic: string; payload: string } | { problems: { topic?: string; payload?: string } } {
  const topic = draft.topic.trim();
  const problems = {
    topic: sentence(commandTopicProblem(topic)),
    payload: sentence(commandPayloadProblem(draft.payload)),
  };
  if (problems.topic || problems.payload) return { problems };
  const payload = draft.payload.trim() === '' ? undefined : draft.payload;
  return {
    topic: commandTopic({ topic }, device, command.name) ?? topic,
    payload: commandPayload({ payload }, { ...command, expires_at: expiresAt }, device),
  };
}

function sentence(problem: string | undefined): string | undefined {
  return problem && asSentence(problem);
}
