import { useMemo, useState } from 'react';
import { ApiProblem } from '../../../api/problem.ts';
import type { DeclaredCommand } from '../../../api/types.ts';
import { type CommandBody, commandBody, newDraft } from '../../../commands/draft.ts';
import { useSubmit } from '../../../components/use-submit.ts';
import { asSentence } from '../../../integrations/draft.ts';

/** A command while it is filled in: the draft, what is wrong with it, and the way to send it. */
export function useCommandForm(declared: DeclaredCommand[], send: (body: CommandBody) => Promise<unknown>) {
  const [draft, setDraft] = useState(newDraft);
  const [missing, setMissing] = useState<{ problems: Record<string, string> }>();
  const { submit, busy, problem, fields, forget } = useSubmit(send);
  const change = (changed: typeof draft) => {
    setDraft(changed);
    setMissing(undefined);
    forget();
  };
  const onSubmit = () => {
    const read = commandBody(draft, declared);
    setMissing('problems' in read ? read : undefined);
    if ('body' in read) void submit(read.body);
  };
  const refused = Object.entries(fields).map(([name, message]) => [name, asSentence(message)] as const);
  // The same as long as nothing else is wrong: forms lead to the first marked field once.
  const said = useMemo(
    () => (missing || isMarked(problem) ? new Error('Not sent yet: correct what is marked above.') : problem),
    [missing, problem],
  );
  return {
    draft,
    declared,
    change,
    onSubmit,
    busy,
    /** By field as the API names them. */
    problems: missing?.problems ?? Object.fromEntries(refused),
    /** What is to be said above the button. */
    problem: said,
  };
}
export type CommandFormState = ReturnType<typeof useCommandForm>;

/** Whether the fields say all of it. */
function isMarked(problem: unknown): boolean {
  if (!(problem instanceof ApiProblem)) return false;
  const names = Object.keys(problem.fields);
  return names.length > 0 && names.every((name) => /^(name|supersede_key|params(\..*)?)$/.test(name));
}
