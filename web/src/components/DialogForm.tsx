import { Button, Group } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { FormProblem } from './FormProblem.tsx';
import { useFirstInvalid } from './use-first-invalid.ts';

interface Props {
  /** The verb on the button: `Create credential`. */
  verb: string;
  busy: boolean;
  problem: unknown;
  onSubmit: () => void;
  onCancel: () => void;
  children: ReactNode;
}

/** The fields of a dialog, why they were refused, and its two buttons. */
export function DialogForm({ verb, busy, problem, onSubmit, onCancel, children }: Props) {
  const form = useFirstInvalid(problem);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form
      ref={form}
      onSubmit={submit}
      style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 16 }}
    >
      {children}
      <FormProblem problem={problem} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel} disabled={busy}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          {verb}
        </Button>
      </Group>
    </form>
  );
}
