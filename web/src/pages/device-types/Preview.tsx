import { useState } from 'react';
import { fieldValue, newDraft, withField } from '../../commands/draft.ts';
import { Panel } from '../../components/Page.tsx';
import { type DeclarationDraft, declarationBody } from '../../device-types/draft.ts';
import { FieldInput } from '../commands/form/FieldInput.tsx';
import classes from './DeviceTypes.module.css';

/** The form that people will see of the command that is being edited, to try. */
export function Preview({ command }: { command: DeclarationDraft | undefined }) {
  const [draft, setDraft] = useState(newDraft);
  if (!command)
    return <Panel title="Preview">{<p className={classes.dim}>Open a command to see its form.</p>}</Panel>;
  const { name, description, fields = [] } = declarationBody(command);
  // By key: while a name is typed the form stays the same.
  const of = String(command.key);
  return (
    <Panel title="Preview">
      <div className={classes.preview}>
        <div>
          <strong>{name || 'Unnamed command'}</strong>
          {description && <p className={classes.dim}>{description}</p>}
        </div>
        {fields.length === 0 && <p className={classes.dim}>It is sent without params.</p>}
        {fields.map((field, index) => (
          <FieldInput
            key={command.fields[index]?.key}
            field={{ ...field, label: field.label || field.name || `Field ${index + 1}` }}
            value={fieldValue(draft, of, field)}
            problem={undefined}
            onChange={(value) => setDraft(withField(draft, of, field.name, value))}
          />
        ))}
      </div>
    </Panel>
  );
}
