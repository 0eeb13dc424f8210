import { ActionIcon, Button, NumberInput, TextInput, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { reportedMetricsQuery } from '../../api/command-queries.ts';
import { IconPlus, IconTrash } from '../../components/icons.ts';
import { type MetricDraft, metricDraft, most } from '../../device-types/draft.ts';
import { plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import { said } from './DeclarationEditor.tsx';
import classes from './DeviceTypes.module.css';

interface Props {
  metrics: MetricDraft[];
  /** Of the type, if there is one: what its devices report is offered. */
  type: string | undefined;
  problems: Record<string, string>;
  onChange: (metrics: MetricDraft[]) => void;
}

/** What the values of its devices are called and measured in. */
export function MetricsEditor({ metrics, type, problems, onChange }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const added = useRef(false);
  const reported = useReported(type).filter((name) => !metrics.some((metric) => metric.name === name));
  useEffect(() => {
    if (!added.current) return;
    added.current = false;
    const names = list.current?.querySelectorAll<HTMLInputElement>('input[data-metric-name]');
    names?.[names.length - 1]?.focus();
  });
  const add = (names: string[]) => {
    added.current = true;
    onChange([...metrics, ...names.map((name) => metricDraft({ name }))].slice(0, most.metrics));
  };
  const remove = (index: number) => {
    onChange(metrics.toSpliced(index, 1));
    list.current?.querySelector<HTMLElement>('[data-add-metric]')?.focus();
  };
  return (
    <div className={classes.commands} ref={list}>
      <div>
        <h2 className={classes.heading}>Metrics</h2>
        <p className={classes.dim}>Charts and tables then say “Temperature, °C” in place of a key.</p>
      </div>
      {metrics.map((metric, index) => (
        <MetricEditor
          key={metric.key}
          metric={metric}
          number={index + 1}
          place={`metrics.${index}`}
          problems={problems}
          onChange={(changed) => onChange(metrics.with(index, changed))}
          onRemove={() => remove(index)}
        />
      ))}
      {metrics.length < most.metrics && (
        <div className={classes.adding}>
          <Button
            data-add-metric
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} />}
            onClick={() => add([''])}
          >
            Add a metric
          </Button>
          {reported.length > 0 && (
            <Button variant="subtle" size="xs" title={reported.join(', ')} onClick={() => add(reported)}>
              Add {plural(reported.length, 'metric')} that its devices report
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** Keys in the latest values of some of its devices. */
function useReported(type: string | undefined): string[] {
  const { id: org } = useOrganization();
  const { data } = useQuery({ ...reportedMetricsQuery(org, type ?? ''), enabled: type !== undefined });
  return data ?? [];
}

interface MetricProps {
  metric: MetricDraft;
  /** Its place among the others, from 1. */
  number: number;
  /** Where it stands in the body: `metrics.1`. */
  place: string;
  problems: Record<string, string>;
  onChange: (metric: MetricDraft) => void;
  onRemove: () => void;
}

function MetricEditor({ metric, number, place, problems, onChange, onRemove }: MetricProps) {
  const set = (changed: Partial<MetricDraft>) => onChange({ ...metric, ...changed });
  const called = metric.name.trim() || `metric ${number}`;
  return (
    <fieldset className={classes.measured}>
      <legend className="visually-hidden">{called}</legend>
      <TextInput
        data-metric-name
        label="Key"
        placeholder="t1"
        required
        withAsterisk={false}
        maxLength={255}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="none"
        value={metric.name}
        error={said(problems, `${place}.name`)}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Label"
        placeholder="Temperature"
        maxLength={100}
        value={metric.label}
        error={said(problems, `${place}.label`)}
        onChange={(event) => set({ label: event.currentTarget.value })}
      />
      <TextInput
        label="Unit"
        placeholder="°C"
        maxLength={20}
        value={metric.unit}
        error={said(problems, `${place}.unit`)}
        onChange={(event) => set({ unit: event.currentTarget.value })}
      />
      <NumberInput
        label="From"
        hideControls
        value={metric.min}
        error={said(problems, `${place}.min`)}
        onChange={(min) => set({ min })}
      />
      <NumberInput
        label="To"
        hideControls
        value={metric.max}
        error={said(problems, `${place}.max`)}
        onChange={(max) => set({ max })}
      />
      <Tooltip label="Remove this metric">
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          className={classes.remove}
          aria-label={`Remove ${called}`}
          onClick={onRemove}
        >
          <IconTrash size={17} />
        </ActionIcon>
      </Tooltip>
    </fieldset>
  );
}
