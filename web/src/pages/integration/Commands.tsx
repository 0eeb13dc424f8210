import type { Integration } from '../../api/types.ts';
import { Panel } from '../../components/Page.tsx';
import { channelOf } from '../../integrations/draft.ts';
import { isPostedTo } from '../../integrations/ways.ts';
import { EditCommands } from './EditCommands.tsx';
import { EditDialog } from './EditDialog.tsx';
import classes from './Integration.module.css';

/** How the customer's broker takes commands. */
export function Commands({ integration }: { integration: Integration }) {
  const { commands, broker, mode, expected_topics } = integration;
  const answers = expected_topics.filter((topic) => channelOf(topic) === 'responses');
  return (
    <Panel
      title="Commands"
      actions={
        <EditDialog title="Edit how commands are sent">
          {(close) => <EditCommands integration={integration} onClose={close} />}
        </EditDialog>
      }
    >
      {!commands && (
        <p className={classes.text}>
          None are sent to this broker yet. With a topic for them, its devices can be asked to do something.
        </p>
      )}
      {commands && (
        <dl className={classes.facts}>
          <div>
            <dt>Topic</dt>
            <dd>
              <code>{commands.topic}</code>
            </dd>
          </div>
          <div>
            <dt>Payload</dt>
            <dd>
              {commands.payload === undefined && 'The command as JSON'}
              {commands.payload !== undefined && (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard
                <pre className={classes.code} tabIndex={0}>
                  {commands.payload}
                </pre>
              )}
            </dd>
          </div>
          {isPostedTo(mode) && (
            <div>
              <dt>Sent to</dt>
              <dd>{broker ? <code>{broker.url}</code> : 'No broker yet: they can’t be sent'}</dd>
            </div>
          )}
          <div>
            <dt>Answers</dt>
            <dd>
              {answers.length === 0 &&
                'No topic of its settings carries them: commands get no further than published'}
              {answers.map(({ topic }) => (
                <div key={topic}>
                  <code>{topic}</code>
                </div>
              ))}
            </dd>
          </div>
        </dl>
      )}
    </Panel>
  );
}
