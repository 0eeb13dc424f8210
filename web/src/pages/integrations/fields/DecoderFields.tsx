import { Select, Textarea } from '@mantine/core';
import { type Decoding, decoders } from '../../../integrations/draft.ts';
import classes from './Fields.module.css';

interface Props {
  decoding: Decoding;
  onChange: (decoding: Decoding) => void;
  /** What is wrong with the template or the expression. */
  problem: string | undefined;
}

/** How payloads become readings. */
export function DecoderFields({ decoding, onChange, problem }: Props) {
  const { decoder, template, expression } = decoding;
  return (
    <div className={classes.group}>
      <Select
        label="Payloads are"
        description="What can’t be read waits in quarantine, from where it can be replayed"
        data={decoders}
        value={decoder}
        allowDeselect={false}
        maxDropdownHeight={360}
        onChange={(value) => onChange({ ...decoding, decoder: (value ?? 'auto') as Decoding['decoder'] })}
      />
      {decoder === 'hex' && (
        <Textarea
          label="Template"
          description="JSON: the fields, each with its name, its type and the bytes before it"
          classNames={{ input: classes.code }}
          autosize
          minRows={6}
          maxRows={18}
          spellCheck={false}
          value={template}
          error={problem}
          onChange={(event) => onChange({ ...decoding, template: event.currentTarget.value })}
        />
      )}
      {decoder === 'expression' && (
        <Textarea
          label="Expression"
          description="JSONata, of the payload read as JSON; it gives an object of named values"
          classNames={{ input: classes.code }}
          autosize
          minRows={3}
          maxRows={18}
          maxLength={10_000}
          spellCheck={false}
          value={expression}
          error={problem}
          onChange={(event) => onChange({ ...decoding, expression: event.currentTarget.value })}
        />
      )}
    </div>
  );
}
