import { sentenceOf } from '../api/problem.ts';
import { Notice } from './Notice.tsx';

/** Why a form was refused, above its button. */
export function FormProblem({ problem }: { problem: unknown }) {
  if (problem === undefined) return null;
  return (
    <Notice kind="bad" role="alert">
      {sentenceOf(problem)}
    </Notice>
  );
}
