import { ApiProblem } from '../api/problem.ts';

/** Where the forms of an integration show what is wrong beside the field. */
const shown =
  /^(name|expected_topics\.\d+(\.topic)?|decoder_settings.*|broker\.\w+|commands\.(topic|payload))$/;

/** What is to be said above the button: only what no field says already. */
export function beyondFields(problem: unknown): unknown {
  if (!(problem instanceof ApiProblem)) return problem;
  const names = Object.keys(problem.fields);
  if (names.length === 0 || !names.every((name) => shown.test(name))) return problem;
  return new Error('Not saved yet: correct what is marked above.');
}

/** What is wrong with a decoder's settings, wherever in them it is. */
export function decodingProblem(fields: Record<string, string>): string | undefined {
  return Object.entries(fields).find(([name]) => name.startsWith('decoder_settings'))?.[1];
}
