import { ActionIcon, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { type FieldType, fieldTypes } from '../../../../src/domain/field-template.ts';
import { IconTrash } from '../../components/icons.ts';
import classes from './Decoder.module.css';
import { changed, type Field, settingsOfType } from './fields.ts';

interface Props {
  field: Field;
  /** From 1, for those who hear the page. */
  number: number;
  onChange: (field: Field) => void;
  onRemove: () => void;
}

const numbers = {
  length: 'Length',
  bit: 'Lowest bit',
  bits: 'Bits',
  scale: 'Times',
  add: 'Plus',
} as const;

/** One field of a template: where it stands, and how its bytes are a value. */
export function FieldRow({ field, number, onChange, onRemove }: Props) {
  const settings = settingsOfType(field.type);
  const set = (change: Partial<Field>) => onChange(changed(field, change));
  const numberOf = (value: string | number) => (typeof value === 'number' ? value : undefined);
  return (
    <li className={classes.field}>
      <fieldset className={classes.fieldset} aria-label={`Field ${number}`}>
        <div className={classes.where}>
          <TextInput
            size="xs"
            label="Name"
            spellCheck={false}
            autoComplete="off"
            value={typeof field.name === 'string' ? field.name : ''}
            onChange={({ currentTarget }) => set({ name: currentTarget.value })}
          />
          <NativeSelect
            size="xs"
            label="Type"
            data={fieldTypes}
            value={field.type}
            onChange={({ currentTarget }) => set({ type: currentTarget.value as FieldType })}
          />
          <NumberInput
            size="xs"
            label="Offset"
            min={0}
            allowDecimal={false}
            value={field.offset}
            onChange={(value) => set({ offset: numberOf(value) ?? 0 })}
          />
        </div>
        <div className={classes.how}>
          {settings.includes('endian') && (
            <NativeSelect
              size="xs"
              label="Byte order"
              data={[
                { value: 'big', label: 'big-endian' },
                { value: 'little', label: 'little-endian' },
              ]}
              value={field.endian ?? 'big'}
              onChange={({ currentTarget }) =>
                set({ endian: currentTarget.value === 'little' ? 'little' : undefined })
              }
            />
          )}
          {(Object.keys(numbers) as (keyof typeof numbers)[])
            .filter((key) => settings.includes(key))
            .map((key) => (
              <NumberInput
                key={key}
                size="xs"
                label={numbers[key]}
                className={classes.number}
                hideControls
                allowDecimal={key === 'scale' || key === 'add'}
                placeholder={key === 'scale' ? '1' : key === 'add' ? '0' : undefined}
                value={field[key] ?? ''}
                onChange={(value) => set({ [key]: numberOf(value) })}
              />
            ))}
        </div>
      </fieldset>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Remove field ${number}, ${field.name}`}
        onClick={onRemove}
      >
        <IconTrash size={16} />
      </ActionIcon>
    </li>
  );
}
