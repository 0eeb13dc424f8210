import { Checkbox, NumberInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Integration } from '../../api/types.ts';
import { DialogForm } from '../../components/DialogForm.tsx';
import { tell } from '../../components/toasts.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { decodingBody, decodingOf, topicRows, topicsBody } from '../../integrations/draft.ts';
import { beyondFields, decodingProblem } from '../../integrations/marked.ts';
import { DecoderFields } from '../integrations/fields/DecoderFields.tsx';
import { TopicFields } from '../integrations/fields/TopicFields.tsx';
import { useChanges } from './use-changes.ts';

/** As many devices as the API lets one integration have. */
const mostDevices = 10_000_000;

const emqx4Payloads = [
  { value: 'auto', label: 'JSON where it is JSON, else base64' },
  { value: 'text', label: 'Always text' },
  { value: 'base64', label: 'Always base64' },
];

/** The name, the topics, the decoder and what becomes of new devices. */
export function EditSettings({ integration, onClose }: { integration: Integration; onClose: () => void }) {
  const { change } = useChanges(integration.id);
  const [name, setName] = useState(integration.name);
  const [topics, setTopics] = useState(() => topicRows(integration.expected_topics));
  const [decoding, setDecoding] = useState(() => decodingOf(integration));
  const [autoRegister, setAutoRegister] = useState(integration.auto_register);
  const [deviceLimit, setDeviceLimit] = useState(integration.device_limit);
  const [emqx4, setEmqx4] = useState(integration.webhook?.emqx4_payload ?? 'auto');
  const [undecodable, setUndecodable] = useState<{ problem: string }>();
  const { submit, busy, problem, fields } = useSubmit(async (body: Parameters<typeof change>[0]) => {
    await change(body);
    tell(`${name.trim()} is changed`);
    onClose();
  });
  const onSubmit = () => {
    const read = decodingBody(decoding);
    setUndecodable('problem' in read ? read : undefined);
    if ('problem' in read) return;
    void submit({
      name: name.trim(),
      ...read.body,
      ...(integration.mode ? { expected_topics: topicsBody(topics) } : {}),
      ...(integration.mode === 'webhook' ? { webhook: { emqx4_payload: emqx4 } } : {}),
      auto_register: autoRegister,
      device_limit: deviceLimit,
    });
  };
  return (
    <DialogForm
      verb="Save"
      busy={busy}
      problem={
        beyondFields(problem) ?? (undecodable && new Error('Not saved yet: correct what is marked above.'))
      }
      onCancel={onClose}
      onSubmit={onSubmit}
    >
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        maxLength={100}
        value={name}
        error={fields.name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      {integration.mode && <TopicFields rows={topics} onChange={setTopics} fields={fields} />}
      <DecoderFields
        decoding={decoding}
        onChange={setDecoding}
        problem={undecodable?.problem ?? decodingProblem(fields)}
      />
      {integration.mode === 'webhook' && (
        <Select
          label="Payloads from EMQX 4"
          description="Its plugin does not say how it writes them; other brokers do"
          data={emqx4Payloads}
          value={emqx4}
          allowDeselect={false}
          onChange={(value) => setEmqx4((value ?? 'auto') as typeof emqx4)}
        />
      )}
      <Checkbox
        label="Register devices with their first message"
        description="Otherwise messages of devices that are not there yet wait in quarantine"
        checked={autoRegister}
        onChange={(event) => setAutoRegister(event.currentTarget.checked)}
      />
      {autoRegister && (
        <NumberInput
          label="Up to so many devices"
          description="Of this integration. Messages of further ones wait in quarantine"
          min={0}
          max={mostDevices}
          allowDecimal={false}
          thousandSeparator=","
          value={deviceLimit}
          error={fields.device_limit}
          onChange={(value) => setDeviceLimit(Number(value))}
        />
      )}
    </DialogForm>
  );
}
