import { useEffect, useRef } from 'react';

/** Leads to the first field that was refused, each time a form is. @returns the form's ref */
export function useFirstInvalid(problem: unknown) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem !== undefined) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);
  return form;
}
