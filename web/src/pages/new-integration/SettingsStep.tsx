import { Button, Checkbox, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import type { CreatedIntegration } from '../../api/types.ts';
import { Folded } from '../../components/Folded.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { useFirstInvalid } from '../../components/use-first-invalid.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { beyondFields, decodingProblem } from '../../integrations/marked.ts';
import { isPostedTo, type Way } from '../../integrations/ways.ts';
import { useOrganization } from '../../session/session.ts';
import { Step } from '../connect/Step.tsx';
import { BrokerFields } from '../integrations/fields/BrokerFields.tsx';
import { CommandTopicFields } from '../integrations/fields/CommandTopicFields.tsx';
import { DecoderFields } from '../integrations/fields/DecoderFields.tsx';
import { TestConnection } from '../integrations/fields/TestConnection.tsx';
import { TopicFields } from '../integrations/fields/TopicFields.tsx';
import { useConnectionTest } from '../integrations/fields/use-connection-test.ts';
import classes from './NewIntegration.module.css';
import { type Settings, settingsBody } from './settings.ts';

interface Props {
  way: Way;
  settings: Settings;
  onChange: (settings: Settings) => void;
  onMade: (made: CreatedIntegration) => void;
}

/** Step two: what it is called, which topics it takes, how they are read, and for a subscription the broker. */
export function SettingsStep({ way, settings, onChange, onMade }: Props) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const name = useRef<HTMLInputElement>(null);
  useEffect(() => name.current?.focus(), []);
  const set = (changed: Partial<Settings>) => onChange({ ...settings, ...changed });
  const [undecodable, setUndecodable] = useState<{ problem: string }>();
  const trial = useConnectionTest(settings);
  const { submit, busy, problem, fields } = useSubmit(async (body: Parameters<typeof create>[1]) => {
    const made = await create(org, body);
    void queries.invalidateQueries({ queryKey: [org, 'integrations'] });
    onMade(made);
  });
  const form = useFirstInvalid(problem ?? undecodable ?? trial.problem);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const asked = settingsBody(settings, way);
    setUndecodable('problem' in asked ? asked : undefined);
    if ('body' in asked) void submit(asked.body);
  };
  const marked = { ...trial.fields, ...fields };
  return (
    <Step number={2} title="What is it, and what does it send?">
      <form className={classes.form} onSubmit={onSubmit} ref={form}>
        <TextInput
          ref={name}
          label="Name"
          description="What you will know it by"
          placeholder="Plant 3"
          required
          withAsterisk={false}
          maxLength={100}
          value={settings.name}
          error={fields.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {way === 'subscribe' && (
          <fieldset className={classes.section}>
            <legend>Your broker</legend>
            <BrokerFields broker={settings.broker} fields={marked} onChange={(broker) => set({ broker })} />
          </fieldset>
        )}
        <TopicFields rows={settings.topics} fields={marked} onChange={(topics) => set({ topics })} />
        <DecoderFields
          decoding={settings.decoding}
          problem={undecodable?.problem ?? decodingProblem(fields)}
          onChange={(decoding) => set({ decoding })}
        />
        <div className={classes.choices}>
          <Checkbox
            label="Register devices with their first message"
            description="Otherwise messages of devices that are not there yet wait in quarantine"
            checked={settings.autoRegister}
            onChange={(event) => set({ autoRegister: event.currentTarget.checked })}
          />
          {way === 'webhook' && (
            <Checkbox
              label="Take only signed requests"
              description="For a sender that can compute an HMAC. Brokers can’t: leave it off for them"
              checked={settings.requireSignature}
              onChange={(event) => set({ requireSignature: event.currentTarget.checked })}
            />
          )}
        </div>
        <CommandsSection way={way} settings={settings} fields={marked} onChange={set} />
        {way === 'subscribe' && <TestConnection trial={trial} ready={settings.broker.url.trim() !== ''} />}
        <FormProblem problem={beyondFields(problem)} />
        <div>
          <Button type="submit" loading={busy}>
            {way === 'subscribe' ? 'Subscribe' : 'Continue'}
          </Button>
        </div>
      </form>
    </Step>
  );
}

interface SectionProps {
  way: Way;
  settings: Settings;
  fields: Record<string, string>;
  onChange: (changed: Partial<Settings>) => void;
}

/** Folded: messages come first, and commands can be set up later as well. */
function CommandsSection({ way, settings, fields, onChange }: SectionProps) {
  const { commands, broker } = settings;
  return (
    <Folded title="Send commands to devices as well" open={commands.topic !== ''}>
      <CommandTopicFields
        way={way}
        commands={commands}
        onChange={(changed) => onChange({ commands: changed })}
        fields={fields}
      />
      {isPostedTo(way) && commands.topic.trim() !== '' && (
        <fieldset className={classes.section}>
          <legend>The broker that they are sent to</legend>
          <BrokerFields
            broker={broker}
            fields={fields}
            onChange={(changed) => onChange({ broker: changed })}
          />
        </fieldset>
      )}
    </Folded>
  );
}

type Body = Extract<ReturnType<typeof settingsBody>, { body: unknown }>['body'];

function create(org: string, body: Body): Promise<CreatedIntegration> {
  return answer(
    api.POST('/api/v1/organizations/{org}/integrations', {
      params: { path: { org }, header: idempotent() },
      body,
    }),
  );
}
