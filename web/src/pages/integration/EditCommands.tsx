import { Switch } from '@mantine/core';
import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { commandsBody, commandsDraft } from '../../integrations/commands-draft.ts';
import { brokerBody, brokerDraft } from '../../integrations/draft.ts';
import { beyondFields } from '../../integrations/marked.ts';
import { isPostedTo } from '../../integrations/ways.ts';
import { BrokerFields } from '../integrations/fields/BrokerFields.tsx';
import { CommandTopicFields } from '../integrations/fields/CommandTopicFields.tsx';
import fieldClasses from '../integrations/fields/Fields.module.css';
import { TestConnection } from '../integrations/fields/TestConnection.tsx';
import { useConnectionTest } from '../integrations/fields/use-connection-test.ts';
import { useChanges } from './use-changes.ts';

/** Whether commands are sent, where to, and as what; where messages are posted to us, also to which broker. */
export function EditCommands({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { name, mode } = integration;
  const { change } = useChanges(integration.id);
  const [sends, setSends] = useState(integration.commands !== null);
  const [commands, setCommands] = useState(() =>
    commandsDraft(integration.commands ?? { topic: 'devices/{device}/commands' }),
  );
  const [broker, setBroker] = useState(() => brokerDraft(integration.broker));
  const trial = useConnectionTest({ broker, topics: [], integrationId: integration.id });
  const ownBroker = isPostedTo(mode);
  const { submit, busy, problem, fields } = useSubmit(async () => {
    await change({
      commands: sends ? commandsBody(commands) : null,
      ...(ownBroker && { broker: sends ? brokerBody(broker) : null }),
    });
    tell(sends ? `Commands are sent to ${name}` : `No commands are sent to ${name} any more`);
    onClose();
  });
  if (!mode) return null;
  return (
    <DialogForm
      verb="Save"
      busy={busy}
      problem={beyondFields(problem)}
      onCancel={onClose}
      onSubmit={() => void submit(undefined)}
    >
      <Switch
        label="Send commands to this broker"
        checked={sends}
        onChange={(event) => setSends(event.currentTarget.checked)}
        data-autofocus
      />
      {sends && (
        <>
          <CommandTopicFields
            way={mode}
            commands={commands}
            onChange={setCommands}
            fields={fields}
            required
          />
          {ownBroker && (
            <fieldset className={fieldClasses.group}>
              <legend className={fieldClasses.legend}>The broker that they are sent to</legend>
              <BrokerFields
                broker={broker}
                onChange={setBroker}
                fields={{ ...trial.fields, ...fields }}
                kept={integration.broker}
              />
              <TestConnection trial={trial} ready={broker.url.trim() !== ''} />
            </fieldset>
          )}
        </>
      )}
    </DialogForm>
  );
}
