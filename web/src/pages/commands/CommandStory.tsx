import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { commandQuery } from '../../api/command-queries.ts';
import type { Command } from '../../api/types.ts';
import { actionFor, stateWords } from '../../commands/states.ts';
import { type StoryStep, shortSpan, storyOf } from '../../commands/story.ts';
import { useAsker } from '../../commands/use-asker.ts';
import { Ago } from '../../components/Ago.tsx';
import { CodeBlock } from '../../components/CodeBlock.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Failure } from '../../components/Failure.tsx';
import { exactTime } from '../../format/time.ts';
import type { ShownCommand } from '../../live/live-commands.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Command.module.css';
import { CommandActionButton } from './CommandActionButton.tsx';
import { CommandStateIcon } from './CommandStateMark.tsx';

interface Props {
  command: ShownCommand;
  mayAct: boolean;
  onSentAgain?: (again: Command) => void;
}

/** All that is known of a command: its way with times, what was asked and answered, by whom. */
export function CommandStory({ command: shown, mayAct, onSentAgain }: Props) {
  const { id: org } = useOrganization();
  const whole = useQuery({
    ...commandQuery(org, shown.id, shown.state),
    enabled: shown.truncated === true,
    placeholderData: (before) => before,
  });
  const command = shown.truncated ? { ...shown, ...whole.data, state: shown.state } : shown;
  const action = mayAct ? actionFor(command.state) : undefined;
  return (
    <>
      <div className={classes.story}>
        <ol className={classes.steps} aria-label="What became of it">
          {storyOf(command).map((step) => (
            <Step key={step.state} step={step} command={command} />
          ))}
        </ol>
        <div className={classes.papers}>
          {whole.error && (
            <Failure
              what="Its params and result could not be read whole"
              error={whole.error}
              onRetry={() => void whole.refetch()}
            />
          )}
          <CodeBlock code={JSON.stringify(command.params, null, 2)} label="params" />
          {command.result !== null && (
            <CodeBlock code={JSON.stringify(command.result, null, 2)} label="result" />
          )}
        </div>
      </div>
      <div className={classes.foot}>
        <Facts command={command} />
        {action && (
          <CommandActionButton
            command={command}
            action={action}
            onDone={action === 'send_again' ? onSentAgain : undefined}
          />
        )}
      </div>
    </>
  );
}

function Step({ step, command }: { step: StoryStep; command: ShownCommand }) {
  const { state, at, afterMs, skipped } = step;
  const isBegin = state === 'queued';
  const word = isBegin ? 'Asked for' : stateWords[state].word;
  return (
    <li className={classes.step} data-reached={at !== null || undefined}>
      {at === null ? (
        <span className={classes.dot} aria-hidden />
      ) : (
        <CommandStateIcon state={isBegin ? 'published' : state} />
      )}
      <span>
        {word}
        {isBegin && <Asker by={command.requested_by} />}
        {at === null && <span className={classes.dim}> {skipped ? 'not reported' : 'not yet'}</span>}
      </span>
      {at !== null && (
        <time className={classes.dim} dateTime={at} title={exactTime(at)}>
          {afterMs === null ? exactTime(at) : `after ${shortSpan(afterMs)}`}
        </time>
      )}
    </li>
  );
}

function Asker({ by }: { by: ShownCommand['requested_by'] }) {
  const asker = useAsker(by);
  return asker && <span className={classes.dim}> by {asker}</span>;
}

function Facts({ command }: { command: ShownCommand }) {
  const { id, state, attempts, supersede_key: key, expires_at, sent_again_of: repeats } = command;
  const isOpen = command.finished_at === null;
  return (
    <dl className={classes.facts}>
      <Fact name="Id">
        <code>{id}</code>
        <CopyButton text={id} label="Copy the command’s id" />
      </Fact>
      {isOpen && (
        <Fact name="Expires">
          <Ago at={expires_at} />
        </Fact>
      )}
      {(attempts > 1 || (state === 'queued' && attempts > 0)) && <Fact name="Tried">{attempts} times</Fact>}
      {key && (
        <Fact name="Supersede key">
          <code>{key}</code>
        </Fact>
      )}
      {repeats && (
        <Fact name="Sent again of">
          <code>{repeats}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
