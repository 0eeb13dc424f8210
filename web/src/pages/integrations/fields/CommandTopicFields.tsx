import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { serverNow } from '../../../api/server-clock.ts';
import { CodeBlock } from '../../../components/CodeBlock.tsx';
import { readableText } from '../../../format/payload.ts';
import { type CommandsDraft, commandsPreview, exampleWords } from '../../../integrations/commands-draft.ts';
import { asSentence } from '../../../integrations/draft.ts';
import type { Way } from '../../../integrations/ways.ts';
import classes from './Fields.module.css';

interface Props {
  way: Way;
  commands: CommandsDraft;
  onChange: (commands: CommandsDraft) => void;
  /** What the API said, by `commands.topic`. */
  fields: Record<string, string>;
  required?: boolean;
}

const dayMs = 86_400_000;

/** Where commands are published on the customer's broker and as what, with an example of it. */
export function CommandTopicFields({ way, commands, onChange, fields, required = false }: Props) {
  const set = (changed: Partial<CommandsDraft>) => onChange({ ...commands, ...changed });
  const [expiresAt] = useState(() => new Date(serverNow() + dayMs).toISOString());
  const preview = commandsPreview(commands, expiresAt);
  const problems = 'problems' in preview ? preview.problems : {};
  const isEmpty = commands.topic.trim() === '';
  const said = (name: 'topic' | 'payload') => {
    const refused = fields[`commands.${name}`];
    return refused ? asSentence(refused) : problems[name];
  };
  return (
    <>
      <TextInput
        label="Topic for commands"
        description={
          <>
            <code>{'{device}'}</code> stands for the device, <code>{'{name}'}</code> for the command
            {way === 'bridge' && '. Below our prefix: your bridge has to fetch it'}
          </>
        }
        placeholder="devices/{device}/commands"
        required={required}
        withAsterisk={false}
        maxLength={500}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={commands.topic}
        error={isEmpty ? undefined : said('topic')}
        onChange={(event) => set({ topic: event.currentTarget.value })}
      />
      {!isEmpty && (
        <>
          <Textarea
            label="Payload"
            description={
              <>
                Left empty, the command as JSON. Otherwise JSON or text in which <code>{'{{name}}'}</code>,{' '}
                <code>{'{{params.seconds}}'}</code>, <code>{'{{id}}'}</code> and the like are filled in
              </>
            }
            placeholder={'{"command": "{{name}}", "every": "{{params.seconds}}", "id": "{{id}}"}'}
            classNames={{ input: classes.code }}
            autosize
            minRows={2}
            maxRows={16}
            maxLength={8192}
            spellCheck={false}
            value={commands.payload}
            error={said('payload')}
            onChange={(event) => set({ payload: event.currentTarget.value })}
          />
          {'topic' in preview && (
            <div className={classes.preview}>
              <p className={classes.help}>
                As an example, {exampleWords}, is published to <code>{preview.topic}</code> as
              </p>
              <CodeBlock label="payload" code={readableText(preview.payload)} />
            </div>
          )}
          <p className={classes.help}>
            Answers come back on a topic of this integration that carries answers, as{' '}
            <code>{'devices/{device}/responses'}</code>: with the <code>id</code> of the command and a{' '}
            <code>status</code>. Without one, a command gets no further than published.
          </p>
        </>
      )}
    </>
  );
}
