import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import { IconChevronRight, IconPlus, IconTrash } from '../../components/icons.ts';
import { type DeclarationDraft, fieldDraft, most } from '../../device-types/draft.ts';
import { plural } from '../../format/value.ts';
import { asSentence } from '../../integrations/draft.ts';
import classes from './DeviceTypes.module.css';
import { FieldEditor } from './FieldEditor.tsx';

interface Props {
  command: DeclarationDraft;
  /** Where it stands in the body: `commands.0`. */
  place: string;
  /** What is wrong, by place. */
  problems: Record<string, string>;
  open: boolean;
  onOpen: () => void;
  onChange: (command: DeclarationDraft) => void;
  onRemove: () => void;
}

/** One declared command; folded it says what it has. */
export function DeclarationEditor(props: Props) {
  const { command, place, problems, onOpen, onChange, onRemove } = props;
  const ofThis = Object.keys(problems).some((name) => name.startsWith(`${place}.`));
  // What is wrong may not hide.
  const open = props.open || ofThis;
  const body = useId();
  const { name, description, fields } = command;
  const called = name.trim() || 'Unnamed command';
  return (
    <section className={classes.command} aria-label={called}>
      <header className={classes.commandHead}>
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={open}
          aria-controls={body}
          onClick={onOpen}
        >
          <IconChevronRight size={16} className={classes.chevron} aria-hidden />
          <span className={classes.called}>{called}</span>
          <span className={classes.dim}>
            {fields.length === 0 ? 'no fields' : plural(fields.length, 'field')}
          </span>
        </button>
        <Tooltip label="Remove this command">
          <ActionIcon
            variant="subtle"
            color="gray"
            size={34}
            aria-label={`Remove ${called}`}
            onClick={onRemove}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div id={body} hidden={!open} className={classes.commandBody}>
        {open && (
          <>
            <div className={classes.pair}>
              <TextInput
                label="Name"
                description="As the device knows it"
                placeholder="set_interval"
                required
                withAsterisk={false}
                maxLength={100}
                spellCheck={false}
                autoComplete="off"
                autoCapitalize="none"
                value={name}
                error={said(problems, `${place}.name`)}
                onChange={(event) => onChange({ ...command, name: event.currentTarget.value })}
              />
              <TextInput
                label="Description"
                description="For whoever sends it"
                placeholder="How often it reports"
                maxLength={300}
                value={description}
                error={said(problems, `${place}.description`)}
                onChange={(event) => onChange({ ...command, description: event.currentTarget.value })}
              />
            </div>
            <Fields command={command} place={place} problems={problems} onChange={onChange} />
          </>
        )}
      </div>
    </section>
  );
}

function Fields({
  command,
  place,
  problems,
  onChange,
}: Pick<Props, 'command' | 'place' | 'problems' | 'onChange'>) {
  const { fields } = command;
  const list = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  // A field that was asked for is where one wants to type.
  useEffect(() => {
    if (!added.current) return;
    added.current = false;
    const names = list.current?.querySelectorAll<HTMLInputElement>('input[data-field-name]');
    names?.[names.length - 1]?.focus();
  });
  const add = () => {
    added.current = true;
    onChange({ ...command, fields: [...fields, fieldDraft()] });
  };
  const remove = (index: number) => {
    onChange({ ...command, fields: fields.toSpliced(index, 1) });
    list.current?.querySelector<HTMLElement>('[data-add-field]')?.focus();
  };
  return (
    <div className={classes.fields} ref={list}>
      {fields.map((field, index) => (
        <FieldEditor
          key={field.key}
          field={field}
          number={index + 1}
          place={`${place}.fields.${index}`}
          problems={problems}
          onChange={(changed) => onChange({ ...command, fields: fields.with(index, changed) })}
          onRemove={() => remove(index)}
        />
      ))}
      {fields.length < most.fields && (
        <Button
          data-add-field
          variant="subtle"
          size="compact-sm"
          className={classes.add}
          leftSection={<IconPlus size={15} />}
          onClick={add}
        >
          Add a field
        </Button>
      )}
    </div>
  );
}

/** What is wrong there, as a sentence. */
export function said(problems: Record<string, string>, place: string): string | undefined {
  const problem = problems[place];
  return problem && asSentence(problem);
}
