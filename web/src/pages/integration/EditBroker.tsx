import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { brokerBody, brokerDraft, topicRows } from '../../integrations/draft.ts';
import { beyondFields } from '../../integrations/marked.ts';
import { BrokerFields } from '../integrations/fields/BrokerFields.tsx';
import { TestConnection } from '../integrations/fields/TestConnection.tsx';
import { useConnectionTest } from '../integrations/fields/use-connection-test.ts';
import { useChanges } from './use-changes.ts';

/** Other settings of the broker, which can be tried before they are saved. */
export function EditBroker({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { change } = useChanges(integration.id);
  const [broker, setBroker] = useState(() => brokerDraft(integration.broker));
  const [topics] = useState(() => topicRows(integration.expected_topics));
  const trial = useConnectionTest({ broker, topics, integrationId: integration.id });
  const { submit, busy, problem, fields } = useSubmit(async () => {
    await change({ broker: brokerBody(broker) });
    tell('The broker is changed');
    onClose();
  });
  return (
    <DialogForm
      verb="Save"
      busy={busy}
      problem={beyondFields(problem)}
      onCancel={onClose}
      onSubmit={() => void submit(undefined)}
    >
      <BrokerFields
        broker={broker}
        onChange={setBroker}
        fields={{ ...trial.fields, ...fields }}
        kept={integration.broker}
      />
      <TestConnection trial={trial} ready={broker.url.trim() !== ''} />
    </DialogForm>
  );
}
