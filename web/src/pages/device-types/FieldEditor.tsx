import { ActionIcon, Checkbox, NumberInput, Select, TagsInput, TextInput, Tooltip } from '@mantine/core';
import { IconTrash } from '../../components/icons.ts';
import { type FieldDraft, type FieldKind, fieldKinds, most } from '../../device-types/draft.ts';
import { said } from './DeclarationEditor.tsx';
import classes from './DeviceTypes.module.css';

interface Props {
  field: FieldDraft;
  /** Its place among the others, from 1. */
  number: number;
  /** Where it stands in the body: `commands.0.fields.1`. */
  place: string;
  problems: Record<string, string>;
  onChange: (field: FieldDraft) => void;
  onRemove: () => void;
}

/** One parameter: what it is called, of which kind it is, and what it may be. */
export function FieldEditor({ field, number, place, problems, onChange, onRemove }: Props) {
  const set = (changed: Partial<FieldDraft>) => onChange({ ...field, ...changed });
  const { type } = field;
  const called = field.name.trim() || `field ${number}`;
  return (
    <fieldset className={classes.field}>
      <legend className="visually-hidden">{called}</legend>
      <TextInput
        data-field-name
        label="Field"
        placeholder="seconds"
        required
        withAsterisk={false}
        maxLength={100}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={field.name}
        error={said(problems, `${place}.name`)}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Select
        label="Kind"
        data={fieldKinds}
        value={type}
        allowDeselect={false}
        onChange={(kind) => set({ type: (kind ?? 'number') as FieldKind })}
      />
      <TextInput
        className={classes.label}
        label="Label"
        placeholder={field.name || 'Interval'}
        maxLength={100}
        value={field.label}
        error={said(problems, `${place}.label`)}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <Tooltip label="Remove this field">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          className={classes.remove}
          aria-label={`Remove ${called}`}
          onClick={onRemove}
        >
          <IconTrash size={17} />
        </ActionIcon>
      </Tooltip>
      <div className={classes.limits}>
        {type === 'number' && <NumberLimits field={field} place={place} problems={problems} set={set} />}
        {type === 'choice' && (
          <TagsInput
            className={classes.options}
            label="Options"
            description="Enter after each"
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            placeholder={field.options.length === 0 ? 'eco' : undefined}
            maxTags={most.options}
            value={field.options}
            error={said(problems, `${place}.options`)}
            onChange={(options) => set({ options })}
          />
        )}
        <Preset field={field} place={place} problems={problems} set={set} />
        {type !== 'switch' && (
          <div className={classes.checks}>
            {type === 'number' && (
              <Checkbox
                label="Whole"
                checked={field.whole}
                onChange={(event) => set({ whole: event.currentTarget.checked })}
              />
            )}
            <Checkbox
              label="Required"
              checked={field.required}
              onChange={(event) => set({ required: event.currentTarget.checked })}
            />
          </div>
        )}
      </div>
    </fieldset>
  );
}

type PartProps = Pick<Props, 'field' | 'place' | 'problems'> & {
  set: (changed: Partial<FieldDraft>) => void;
};

function NumberLimits({ field, place, problems, set }: PartProps) {
  return (
    <>
      <TextInput
        label="Unit"
        placeholder="s"
        maxLength={20}
        value={field.unit}
        error={said(problems, `${place}.unit`)}
        onChange={(event) => set({ unit: event.currentTarget.value })}
      />
      <NumberInput
        label="Least"
        hideControls
        value={field.min}
        error={said(problems, `${place}.min`)}
        onChange={(min) => set({ min })}
      />
      <NumberInput
        label="Most"
        hideControls
        value={field.max}
        error={said(problems, `${place}.max`)}
        onChange={(max) => set({ max })}
      />
    </>
  );
}

/** What stands in the form at first, and is sent when it is left empty. */
function Preset({ field, place, problems, set }: PartProps) {
  const error = said(problems, `${place}.default`);
  switch (field.type) {
    case 'number':
      return (
        <NumberInput
          label="Default"
          hideControls
          value={typeof field.default === 'boolean' ? '' : field.default}
          error={error}
          onChange={(preset) => set({ default: preset })}
        />
      );
    case 'text':
      return (
        <TextInput
          className={classes.options}
          label="Default"
          maxLength={1000}
          value={typeof field.default === 'string' ? field.default : ''}
          error={error}
          onChange={(event) => set({ default: event.currentTarget.value })}
        />
      );
    case 'choice':
      return (
        <Select
          label="Default"
          placeholder="None"
          data={field.options}
          value={field.options.find((option) => option === field.default) ?? null}
          error={error}
          onChange={(preset) => set({ default: preset ?? '' })}
        />
      );
    case 'switch':
      return (
        <Checkbox
          className={classes.checks}
          label="On at first"
          checked={field.default === true}
          onChange={(event) => set({ default: event.currentTarget.checked })}
        />
      );
  }
}
