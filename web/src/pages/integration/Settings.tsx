import type { Integration } from '../../api/types.ts';
import { Panel } from '../../components/Page.tsx';
import { formatCount } from '../../format/value.ts';
import { channelOf, decoders } from '../../integrations/draft.ts';
import { EditDialog } from './EditDialog.tsx';
import { EditSettings } from './EditSettings.tsx';
import classes from './Integration.module.css';

/** Which messages it takes, how they are read, and which devices it makes of them. */
export function Settings({ integration }: { integration: Integration }) {
  const { mode, expected_topics: topics, auto_register, device_limit } = integration;
  return (
    <Panel
      title="Settings"
      actions={
        <EditDialog title="Edit the settings">
          {(close) => <EditSettings integration={integration} onClose={close} />}
        </EditDialog>
      }
    >
      <dl className={classes.facts}>
        {mode && (
          <div>
            <dt>Topics</dt>
            <dd>
              <ul className={classes.topics}>
                {topics.length === 0 && <li>None yet: nothing is taken</li>}
                {topics.map((topic) => (
                  <li key={topic.topic}>
                    <code>{topic.topic}</code>
                    <span>{carries(topic)}</span>
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
        <div>
          <dt>Payloads</dt>
          <dd>
            {labelOf(integration.decoder)}
            <DecoderSettings settings={integration.decoder_settings} />
          </dd>
        </div>
        <div>
          <dt>New devices</dt>
          <dd>
            {auto_register
              ? `Registered with their first message, up to ${formatCount(device_limit)} devices`
              : 'Not registered: their messages wait in quarantine'}
          </dd>
        </div>
      </dl>
    </Panel>
  );
}

function labelOf(decoder: string): string {
  return decoders.find(({ value }) => value === decoder)?.label ?? decoder;
}

const channelWords = { telemetry: 'readings', status: 'status', responses: 'answers to commands' } as const;

function carries(topic: Integration['expected_topics'][number]): string {
  const words = channelWords[channelOf(topic)];
  const read = decoders.find(({ value }) => value === topic.decoder)?.short;
  return read ? `${words}, ${read}` : words;
}

function DecoderSettings({ settings }: { settings: Integration['decoder_settings'] }) {
  if (!settings) return null;
  const text = 'expression' in settings ? settings.expression : JSON.stringify(settings, null, 2);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard
    <pre className={classes.code} tabIndex={0}>
      {text}
    </pre>
  );
}
