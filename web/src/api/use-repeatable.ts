import { useRef } from 'react';
import { idempotent } from './client.ts';
import { isPassing } from './problem.ts';

type Key = ReturnType<typeof idempotent>;

/**
 * An action that is done once however often it is asked for: while its answer is not known, the same asked again is a
 * repeat of it, with the same key.
 */
export function useRepeatable<Asked, Answer>(
  act: (asked: Asked, key: Key) => Promise<Answer>,
): (asked: Asked) => Promise<Answer> {
  const open = useRef<{ of: string; key: Key }>(undefined);
  return async (asked) => {
    const of = JSON.stringify(asked);
    if (open.current?.of !== of) open.current = { of, key: idempotent() };
    try {
      const answer = await act(asked, open.current.key);
      open.current = undefined;
      return answer;
    } catch (error) {
      if (!isPassing(error)) open.current = undefined;
      throw error;
    }
  };
}
