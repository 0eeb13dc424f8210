import { useState } from 'react';
import { ApiProblem } from '../api/problem.ts';

/** One action of a form: under way, what was wrong with it, and with which of its fields. */
export function useSubmit<Values>(act: (values: Values) => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const submit = async (values: Values): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await act(values);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const fields = problem instanceof ApiProblem ? problem.fields : {};
  return { submit, busy, problem, fields, forget: () => setProblem(undefined) };
}
