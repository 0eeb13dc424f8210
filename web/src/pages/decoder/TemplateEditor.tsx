import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { templateLimits } from '../../../../src/domain/field-template.ts';
import { IconPlus } from '../../components/icons.ts';
import classes from './Decoder.module.css';
import { FieldRow } from './FieldRow.tsx';
import { fieldsIn, nextField, withFields } from './fields.ts';

interface Props {
  /** JSON. */
  template: string;
  problem: string | undefined;
  onChange: (template: string) => void;
}

/** What stands where in a binary payload: field by field, or as the JSON that is saved. */
export function TemplateEditor({ template, problem, onChange }: Props) {
  const [chosen, setChosen] = useState<'fields' | 'json'>('fields');
  const fields = fieldsIn(template);
  // Rows can't show what is no template; the text can be put right.
  const view = fields ? chosen : 'json';
  return (
    <div className={classes.stack}>
      <SegmentedControl
        size="xs"
        className={classes.views}
        aria-label="Template as"
        value={view}
        onChange={(value) => setChosen(value as 'fields' | 'json')}
        data={[
          { value: 'fields', label: 'Fields', disabled: !fields },
          { value: 'json', label: 'JSON' },
        ]}
      />
      {view === 'json' ? (
        <Textarea
          label="Field template"
          autosize
          minRows={8}
          maxRows={24}
          spellCheck={false}
          classNames={{ input: classes.code }}
          value={template}
          error={problem}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      ) : (
        <>
          <ul className={classes.fields} aria-label="Fields">
            {fields?.map((field, index) => (
              <FieldRow
                // biome-ignore lint/suspicious/noArrayIndexKey: a row is its position; names change while they are typed
                key={index}
                field={field}
                number={index + 1}
                onChange={(next) => onChange(withFields(template, fields.with(index, next)))}
                onRemove={() => onChange(withFields(template, fields.toSpliced(index, 1)))}
              />
            ))}
          </ul>
          {problem && (
            <p className={classes.problem} role="status">
              {problem}
            </p>
          )}
          {fields && fields.length < templateLimits.fields && (
            <div>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPlus size={15} />}
                onClick={() => onChange(withFields(template, [...fields, nextField(fields)]))}
              >
                Add a field
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
