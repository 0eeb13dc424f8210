import { Radio, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DecoderName } from '../../../../src/contract/decoders.ts';
import { answer, api } from '../../api/client.ts';
import { integrationsQuery } from '../../api/queries.ts';
import type { Integration } from '../../api/types.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { Panel } from '../../components/Page.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Decoder.module.css';
import type { DraftSettings } from './draft.ts';
import { ReplayOffer } from './ReplayOffer.tsx';
import {
  changeOf,
  deviceOf,
  hasRoutes,
  newTopicProblem,
  type Target,
  targetKey,
  targetsFor,
  topicsWithout,
} from './targets.ts';
import type { BenchMessage } from './use-message.ts';

interface Props {
  message: BenchMessage;
  integration: Integration;
  /** Where it is written today how the message is read. */
  today: Target;
  decoder: DecoderName;
  /** Undefined while they are not complete. */
  settings: { settings: DraftSettings } | undefined;
  /** Whether anything has been changed since it was read or saved. */
  isEdited: boolean;
  onSaved: () => void;
}

/** Makes the decoder the integration's, or one of its topics'; says which messages that concerns. */
export function Save({ message, integration, decoder, settings, today, isEdited, onSaved }: Props) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const { topic } = message;
  const targets = targetsFor(integration, topic);
  const [chosen, setChosen] = useState(targetKey(today));
  const target = targets.find((one) => targetKey(one) === chosen) ?? targets[0]!;
  const [newTopic, setNewTopic] = useState(topic);
  const [touched, setTouched] = useState(false);
  const [saved, setSaved] = useState(false);
  // A topic with a decoder of its own keeps it, whatever the integration's is.
  const isOwn = today.kind === 'topic' && target.kind === 'integration';
  const { submit, busy, problem } = useSubmit(save);
  // Saved where it stands already, as it is, it would change nothing.
  const isSame = !isEdited && targetKey(target) === targetKey(today) && target.kind !== 'new_topic';
  const topicProblem = target.kind === 'new_topic' ? newTopicProblem(newTopic, topic) : undefined;

  async function save(value: DraftSettings): Promise<void> {
    await answer(
      api.PATCH('/api/v1/organizations/{org}/integrations/{integration}', {
        params: { path: { org, integration: integration.id } },
        body: changeOf(integration, target, { decoder, settings: value, newTopic }),
      }),
    );
    await queries.invalidateQueries({ queryKey: integrationsQuery(org).queryKey });
    if (!isOwn) onSaved();
    setSaved(!isOwn);
    // Where a replay is offered, that says so already.
    if (isOwn || !message.quarantined) tell(`${integration.name} reads by ${decoder} from now on`);
  }

  return (
    <Panel title={`Save to ${integration.name}`}>
      <div className={classes.stack}>
        {targets.length > 1 && (
          <Radio.Group label="For" value={targetKey(target)} onChange={setChosen}>
            <div className={classes.choices}>
              {targets.map((one) => (
                <Radio
                  key={targetKey(one)}
                  value={targetKey(one)}
                  label={titleOf(one, integration)}
                  description={concerns(one, integration, today)}
                />
              ))}
            </div>
          </Radio.Group>
        )}
        {target.kind === 'new_topic' && (
          <TextInput
            label="Topic to expect from now on"
            description="None of the integration’s topics takes this message. Put {device} where the device’s name stands."
            classNames={{ input: classes.code }}
            spellCheck={false}
            autoComplete="off"
            maxLength={500}
            value={newTopic}
            error={touched && topicProblem}
            onChange={({ currentTarget }) => {
              setNewTopic(currentTarget.value);
              setTouched(true);
            }}
          />
        )}
        {target.kind === 'new_topic' && !topicProblem && (
          <p className={classes.dim}>The device is {deviceOf(newTopic, topic)}.</p>
        )}
        {targets.length === 1 && target.kind === 'integration' && (
          <p className={classes.dim}>{concerns(target, integration, today)}</p>
        )}
        <FormProblem problem={problem} />
        <div>
          <GatedButton
            needs="admin"
            loading={busy}
            disabled={!settings || isSame || topicProblem !== undefined}
            onClick={() => settings && void submit(settings.settings)}
          >
            Save to {integration.name}
          </GatedButton>
        </div>
        {saved && !isEdited && message.quarantined && <ReplayOffer message={message.quarantined} />}
      </div>
    </Panel>
  );
}

function titleOf(target: Target, { expected_topics }: Integration): string {
  return target.kind === 'topic' ? `Only ${expected_topics[target.index]!.topic}` : 'The whole integration';
}

/** Which messages are read by it once it is saved. */
function concerns(target: Target, integration: Integration, today: Target): string {
  if (target.kind === 'topic') return 'Other topics are read as before.';
  if (!hasRoutes(integration)) return 'It reads the telemetry of all its devices from now on.';
  const topics = topicsWithout(integration);
  if (topics.length === 0) return 'Every topic has a decoder of its own, so it changes nothing yet.';
  const own = today.kind === 'topic' ? ' This message’s topic keeps its own decoder.' : '';
  return `From now on it reads what comes on ${topics.join(', ')}.${own}`;
}
