import { TextInput } from '@mantine/core';

interface Props {
  label: string;
  description?: string;
  /** As the browser's field has it: `2026-11-23T18:12`, in the viewer's zone. */
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** A date and a time. The field is the browser's: it knows how people there write them. */
export function DateTimeField({ label, description, value, error, onChange }: Props) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      description={description}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      required
      withAsterisk={false}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
