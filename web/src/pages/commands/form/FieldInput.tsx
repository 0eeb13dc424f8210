import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import type { CommandField } from '../../../api/types.ts';
import type { FieldValue } from '../../../commands/draft.ts';
import { boundsOf } from '../../../commands/fields.ts';
import classes from './Form.module.css';

interface Props {
  field: CommandField;
  value: FieldValue | undefined;
  problem: string | undefined;
  onChange: (value: FieldValue) => void;
}

/** One declared parameter, as the input that fits it. */
export function FieldInput({ field, value, problem, onChange }: Props) {
  const name = field.label || field.name;
  const common = { error: problem, withAsterisk: field.required, 'aria-required': field.required };
  switch (field.type) {
    case 'number':
      return (
        <NumberInput
          {...common}
          label={
            field.unit ? (
              <>
                {name} <span className={classes.unit}>({field.unit})</span>
              </>
            ) : (
              name
            )
          }
          description={boundsOf(field)}
          allowDecimal={!field.whole}
          // A bound is told, not put in place of what was typed.
          clampBehavior="none"
          min={field.min}
          max={field.max}
          placeholder={field.default === undefined ? undefined : String(field.default)}
          value={typeof value === 'boolean' ? '' : (value ?? '')}
          onChange={onChange}
        />
      );
    case 'text':
      return (
        <TextInput
          {...common}
          label={name}
          maxLength={1000}
          placeholder={field.default}
          autoComplete="off"
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case 'choice':
      return (
        <Select
          {...common}
          label={name}
          placeholder="Choose"
          data={[...new Set(field.options)]}
          allowDeselect={!field.required}
          value={value === undefined || value === '' ? null : String(value)}
          onChange={(chosen) => onChange(chosen ?? '')}
        />
      );
    case 'switch':
      return (
        <Switch
          label={name}
          error={problem}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
  }
}
