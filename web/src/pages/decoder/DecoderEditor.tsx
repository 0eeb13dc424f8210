import { Select, Textarea } from '@mantine/core';
import type { DecoderName } from '../../../../src/contract/decoders.ts';
import classes from './Decoder.module.css';
import { type Draft, decoders, decoderWords } from './draft.ts';
import { TemplateEditor } from './TemplateEditor.tsx';

interface Props {
  draft: Draft;
  /** What keeps it from being tried. */
  problem: string | undefined;
  onChange: (draft: Draft) => void;
}

/** Which decoder, and what it goes by. */
export function DecoderEditor({ draft, problem, onChange }: Props) {
  return (
    <div className={classes.stack}>
      <Select
        aria-label="Decoder"
        description={decoderWords[draft.decoder]}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        allowDeselect={false}
        maxDropdownHeight={420}
        data={decoders}
        value={draft.decoder}
        renderOption={({ option }) => (
          <span className={classes.option}>
            <span className={classes.word}>{option.value}</span>
            <span className={classes.dim}>{decoderWords[option.value as DecoderName]}</span>
          </span>
        )}
        onChange={(decoder) => decoder && onChange({ ...draft, decoder: decoder as DecoderName })}
      />
      {draft.decoder === 'hex' && (
        <TemplateEditor
          template={draft.template}
          problem={problem}
          onChange={(template) => onChange({ ...draft, template })}
        />
      )}
      {draft.decoder === 'expression' && (
        <Textarea
          label="Expression"
          description={
            <>
              JSONata of <code>payload</code>, <code>base64</code>, <code>topic</code> and <code>levels</code>
              . It gives an object of values, or an array of them; <code>ts</code> is the time.
            </>
          }
          autosize
          minRows={6}
          maxRows={24}
          maxLength={10_000}
          spellCheck={false}
          classNames={{ input: classes.code }}
          value={draft.expression}
          error={problem}
          onChange={({ currentTarget }) => onChange({ ...draft, expression: currentTarget.value })}
        />
      )}
    </div>
  );
}
