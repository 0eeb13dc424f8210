import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core';
import { useEffect, useRef } from 'react';
import type { DecoderName } from '../../../../../src/contract/decoders.ts';
import { IconPlus, IconTrash } from '../../../components/icons.ts';
import { asSentence, decoders, type TopicRow, topicRow } from '../../../integrations/draft.ts';
import classes from './Fields.module.css';

/** As many as the API takes. */
const most = 64;

const channels = [
  { value: '', label: 'Automatic' },
  { value: 'telemetry', label: 'Readings' },
  { value: 'status', label: 'Status' },
  { value: 'responses', label: 'Answers' },
];

/** Those with settings are the whole integration's, or come by the API. */
const withSettings: DecoderName[] = ['hex', 'expression'];

interface Props {
  rows: TopicRow[];
  onChange: (rows: TopicRow[]) => void;
  /** What the API said, by `expected_topics.0.topic`. */
  fields: Record<string, string>;
}

/** The topics whose messages are taken, one a row. */
export function TopicFields({ rows, onChange, fields }: Props) {
  const added = useRef<number>(undefined);
  const list = useRef<HTMLFieldSetElement>(null);
  // A row that was asked for is where one wants to type; where one was taken away, the last that is left.
  useEffect(() => {
    if (added.current === undefined) return;
    list.current?.querySelectorAll<HTMLInputElement>('input[data-topic]')[added.current]?.focus();
    added.current = undefined;
  });
  const add = () => {
    added.current = rows.length;
    onChange([...rows, topicRow()]);
  };
  const remove = (index: number) => {
    added.current = Math.max(0, index - 1);
    onChange(rows.filter((_, at) => at !== index));
  };
  const change = (index: number, topic: TopicRow['topic']) =>
    onChange(rows.map((row, at) => (at === index ? { ...row, topic } : row)));
  return (
    <fieldset className={classes.group} ref={list}>
      <legend className={classes.legend}>Topics</legend>
      <p className={classes.help}>
        As MQTT filters. <code>{'{device}'}</code> stands for the level that names the device, as in{' '}
        <code>{'devices/{device}/telemetry'}</code> or <code>{'zigbee2mqtt/{device}'}</code>. Where there is
        one <code>+</code>, it does the same. A topic that ends in <code>status</code> says whether a device
        is there, one in <code>responses</code> what became of commands.
      </p>
      <div className={classes.topicHead} aria-hidden>
        <span>Filter</span>
        <span>Carries</span>
        <span>Read as</span>
      </div>
      {rows.map(({ key, topic }, index) => (
        <div key={key} className={classes.topic}>
          <TextInput
            data-topic
            aria-label={`Topic ${index + 1}`}
            placeholder={index === 0 ? 'devices/{device}/telemetry' : 'devices/{device}/status'}
            required
            maxLength={500}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="none"
            value={topic.topic}
            error={problemOf(fields, index)}
            onChange={(event) => change(index, { ...topic, topic: event.currentTarget.value })}
          />
          <Select
            aria-label={`What topic ${index + 1} carries`}
            data={channels}
            value={topic.channel ?? ''}
            allowDeselect={false}
            onChange={(value) => change(index, { ...topic, channel: channelOf(value) })}
          />
          <Select
            aria-label={`How topic ${index + 1} is read`}
            data={decodersFor(topic)}
            value={topic.decoder ?? ''}
            allowDeselect={false}
            onChange={(value) => change(index, withDecoder(topic, value))}
          />
          <Tooltip label="Remove this topic">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={36}
              aria-label={`Remove topic ${index + 1}`}
              disabled={rows.length === 1}
              onClick={() => remove(index)}
            >
              <IconTrash size={17} />
            </ActionIcon>
          </Tooltip>
        </div>
      ))}
      {rows.length < most && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.add}
          leftSection={<IconPlus size={15} />}
          onClick={add}
        >
          Add a topic
        </Button>
      )}
    </fieldset>
  );
}

type Topic = TopicRow['topic'];

function decodersFor({ decoder }: Topic): { value: string; label: string }[] {
  const offered = decoders.filter(({ value }) => !withSettings.includes(value) || value === decoder);
  return [{ value: '', label: 'As below' }, ...offered.map(({ value, short }) => ({ value, label: short }))];
}

/** With another decoder; the settings of the one before go with it. */
function withDecoder(topic: Topic, value: string | null): Topic {
  const { decoder_settings, ...rest } = topic;
  if (value === topic.decoder) return topic;
  return { ...rest, decoder: decoders.find((decoder) => decoder.value === value)?.value };
}

function channelOf(value: string | null): Topic['channel'] {
  return value === 'telemetry' || value === 'status' || value === 'responses' ? value : undefined;
}

function problemOf(fields: Record<string, string>, index: number): string | undefined {
  const said = fields[`expected_topics.${index}.topic`] ?? fields[`expected_topics.${index}`];
  return said && asSentence(said);
}
