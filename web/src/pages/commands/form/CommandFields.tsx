import { Select, Textarea, TextInput } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { commandLimits } from '../../../../../src/domain/command.ts';
import { fieldValue, lifetimes, shownCommand, withField } from '../../../commands/draft.ts';
import { Folded } from '../../../components/Folded.tsx';
import { FieldInput } from './FieldInput.tsx';
import classes from './Form.module.css';
import type { CommandFormState } from './use-command-form.ts';

/** Names may be anything but this. */
const own = ' own';

/** Which command, with what, and for how long it is worth doing. */
export function CommandFields({ form }: { form: CommandFormState }) {
  const { draft, declared, change, problems } = form;
  const command = shownCommand(draft, declared);
  return (
    <>
      {declared.length > 0 && (
        <Select
          label="Command"
          description={command?.description || undefined}
          data={[
            ...declared.map(({ name }) => ({ value: name, label: name })),
            { value: own, label: 'Another one, as JSON' },
          ]}
          value={command?.name ?? own}
          allowDeselect={false}
          error={command && problems.name}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          onChange={(name) =>
            change({ ...draft, chosen: name === own || name === null ? 'own' : { declared: name } })
          }
        />
      )}
      {command?.fields?.map((field) => (
        <FieldInput
          key={`${command.name} ${field.name}`}
          field={field}
          value={fieldValue(draft, command.name, field)}
          problem={problems[`params.${field.name}`]}
          onChange={(value) => change(withField(draft, command.name, field.name, value))}
        />
      ))}
      {!command && <OwnCommand form={form} />}
      <Advanced form={form} />
    </>
  );
}

/** A name and JSON: for devices whose type declares nothing, and for what it doesn't declare. */
function OwnCommand({ form: { draft, change, problems, onSubmit } }: { form: CommandFormState }) {
  const ofParams = Object.entries(problems).filter(([name]) => name.startsWith('params'));
  const said = ofParams.map(([name, message]) =>
    name === 'params' ? message : `${name.slice('params.'.length)}: ${message}`,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onSubmit();
  };
  return (
    <>
      <TextInput
        label="Name"
        placeholder="set_interval"
        maxLength={commandLimits.nameCharacters}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={draft.name}
        error={problems.name}
        onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
      />
      <Textarea
        label="Params"
        description="A JSON object"
        classNames={{ input: classes.code }}
        autosize
        minRows={3}
        maxRows={16}
        spellCheck={false}
        value={draft.json}
        error={said.join('. ')}
        onKeyDown={onKeyDown}
        onChange={(event) => change({ ...draft, json: event.currentTarget.value })}
      />
    </>
  );
}

function Advanced({ form: { draft, change, problems } }: { form: CommandFormState }) {
  return (
    <Folded title="Advanced">
      <Select
        label="Worth doing for"
        description="A device that is away gets it on its return until then"
        data={lifetimes.map(({ seconds, label }) => ({ value: String(seconds), label }))}
        value={String(draft.ttlSeconds)}
        allowDeselect={false}
        onChange={(seconds) => change({ ...draft, ttlSeconds: Number(seconds) })}
      />
      <TextInput
        label="Supersede key"
        description="It replaces those with the same key that still wait, as a newer set point does"
        placeholder="set_point"
        maxLength={100}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={draft.supersedeKey}
        error={problems.supersede_key}
        onChange={(event) => change({ ...draft, supersedeKey: event.currentTarget.value })}
      />
    </Folded>
  );
}
