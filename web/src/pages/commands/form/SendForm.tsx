import { Button } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Command, DeclaredCommand } from '../../../api/types.ts';
import type { CommandBody } from '../../../commands/draft.ts';
import { stateWords } from '../../../commands/states.ts';
import { FormProblem } from '../../../components/FormProblem.tsx';
import { IconSend } from '../../../components/icons.ts';
import { useFirstInvalid } from '../../../components/use-first-invalid.ts';
import { useLiveCommand } from '../../../live/live.tsx';
import { CommandFields } from './CommandFields.tsx';
import classes from './Form.module.css';
import { useCommandForm } from './use-command-form.ts';

interface Props {
  declared: DeclaredCommand[];
  onSend: (body: CommandBody) => Promise<Command>;
}

/** Asks something of one device. What was typed stays: it is often asked again. */
export function SendForm({ declared, onSend }: Props) {
  const [sent, setSent] = useState<Command>();
  const form = useCommandForm(declared, async (body) => setSent(await onSend(body)));
  const element = useFirstInvalid(form.problem);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    form.onSubmit();
  };
  return (
    // What is missing is said in our own words, beside the field.
    <form ref={element} className={classes.form} onSubmit={onSubmit} noValidate aria-label="Send a command">
      <CommandFields form={form} />
      <FormProblem problem={form.problem} />
      <div>
        <Button type="submit" leftSection={<IconSend size={16} />} loading={form.busy}>
          Send
        </Button>
      </div>
      <p className="visually-hidden" role="status">
        {sent && <Progress key={sent.id} command={sent} />}
      </p>
    </form>
  );
}

/** For those who hear the page: what they see move in the list. */
function Progress({ command }: { command: Command }) {
  const { name, state, detail } = useLiveCommand(command);
  return `${name}: ${stateWords[state].word}. ${detail}`;
}
