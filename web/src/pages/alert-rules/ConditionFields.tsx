import { Autocomplete, NumberInput, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Operator, operators } from '../../../../src/domain/alert.ts';
import { operatorWords } from '../../../../src/domain/alert-words.ts';
import { type ConditionKind, type Lasting, timeUnits } from '../../alerts/rule-draft.ts';
import { deviceChoicesQuery, deviceTypesQuery } from '../../api/command-queries.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './AlertRules.module.css';
import type { FieldsProps } from './RuleEditor.tsx';

const kinds: { value: ConditionKind; label: string }[] = [
  { value: 'threshold', label: 'A value is above or below a limit' },
  { value: 'outside', label: 'A value leaves its range' },
  { value: 'equals', label: 'A value or state is a certain one' },
  { value: 'change', label: 'A value changes a lot in a short time' },
  { value: 'expression', label: 'An expression over several values' },
  { value: 'no_data', label: 'No reading comes' },
  { value: 'offline', label: 'A device is offline' },
  { value: 'link_down', label: 'The connection to a broker of yours is down' },
];

/** What it watches for, and for how long. */
export function ConditionFields(props: FieldsProps) {
  const { draft, onChange, problems } = props;
  return (
    <fieldset className={classes.part}>
      <legend className={classes.legend}>When</legend>
      <Select
        aria-label="What happens"
        data={kinds}
        value={draft.kind}
        allowDeselect={false}
        onChange={(kind) => kind && onChange({ kind: kind as ConditionKind })}
      />
      <OwnFields {...props} />
      {(draft.kind === 'threshold' || draft.kind === 'outside') && Number(draft.hysteresis) > 0 && (
        <p className={classes.dim}>
          The alert is over when the value is back by the margin, so that one that hovers about the limit does
          not open it again and again.
        </p>
      )}
      <LastingFields
        label={draft.kind === 'no_data' ? 'for longer than' : 'for at least'}
        lasting={draft.lasting}
        error={problems.for_seconds}
        onChange={(lasting) => onChange({ lasting })}
      />
      {(draft.kind === 'no_data' || draft.kind === 'offline') && (
        <p className={classes.dim}>
          While a broker of yours can’t be reached, its devices are not called silent. A rule that tells of
          the broker is made along with this one.
        </p>
      )}
    </fieldset>
  );
}

/** Those of the kind of condition. */
function OwnFields(props: FieldsProps) {
  const { draft, onChange, problems } = props;
  const number = (field: 'value' | 'low' | 'high' | 'by' | 'hysteresis', label: string) => (
    <NumberInput
      className={classes.number}
      label={label}
      value={draft[field]}
      decimalScale={6}
      min={field === 'hysteresis' || field === 'by' ? 0 : undefined}
      error={problems[`condition.${field}`]}
      onChange={(value) => onChange({ [field]: value })}
    />
  );
  switch (draft.kind) {
    case 'threshold':
      return (
        <div className={classes.line}>
          <MetricField {...props} />
          <Select
            className={classes.short}
            label="is"
            data={operators.map((operator) => ({ value: operator, label: operatorWords[operator] }))}
            value={draft.operator}
            allowDeselect={false}
            onChange={(operator) => operator && onChange({ operator: operator as Operator })}
          />
          {number('value', 'the limit')}
          {number('hysteresis', 'margin')}
        </div>
      );
    case 'outside':
      return (
        <div className={classes.line}>
          <MetricField {...props} />
          {number('low', 'is below')}
          {number('high', 'or above')}
          {number('hysteresis', 'margin')}
        </div>
      );
    case 'equals':
      return (
        <div className={classes.line}>
          <MetricField {...props} />
          <Select
            className={classes.short}
            label="is"
            data={[
              { value: 'is', label: 'exactly' },
              { value: 'not', label: 'anything but' },
            ]}
            value={draft.negate ? 'not' : 'is'}
            allowDeselect={false}
            onChange={(value) => onChange({ negate: value === 'not' })}
          />
          <TextInput
            className={classes.number}
            label="the value"
            placeholder="open, true, 5"
            value={draft.text}
            error={problems['condition.value']}
            onChange={(event) => onChange({ text: event.currentTarget.value })}
          />
        </div>
      );
    case 'change':
      return (
        <>
          <div className={classes.line}>
            <MetricField {...props} />
            <Select
              className={classes.short}
              label="moves"
              data={[
                { value: 'any', label: 'up or down' },
                { value: 'up', label: 'up' },
                { value: 'down', label: 'down' },
              ]}
              value={draft.direction}
              allowDeselect={false}
              onChange={(value) => onChange({ direction: (value ?? 'any') as 'any' | 'up' | 'down' })}
            />
            {number('by', 'by')}
          </div>
          <LastingFields
            label="within"
            lasting={draft.within}
            error={problems['condition.within_seconds']}
            onChange={(within) => onChange({ within })}
          />
        </>
      );
    case 'expression':
      return (
        <TextInput
          label="Expression"
          description="Over the newest value of each metric, with and, or, not, + - * / and comparisons"
          placeholder="temperature > 30 and humidity < 40"
          value={draft.expression}
          error={problems['condition.expression']}
          onChange={(event) => onChange({ expression: event.currentTarget.value })}
        />
      );
    case 'no_data':
      return <MetricField {...props} label="of" placeholder="any metric" />;
    case 'offline':
    case 'link_down':
      return null;
  }
}

interface MetricProps extends FieldsProps {
  label?: string;
  placeholder?: string;
}

/** A metric by its key in telemetry, those that are declared or known being offered. */
function MetricField({
  draft,
  onChange,
  problems,
  label = 'Metric',
  placeholder = 'temperature',
}: MetricProps) {
  const { id: org } = useOrganization();
  const { data: types = [] } = useQuery(deviceTypesQuery(org));
  const { data: devices = [] } = useQuery(deviceChoicesQuery(org, ''));
  const names = new Set([
    ...types.flatMap(({ metrics }) => metrics.map(({ name }) => name)),
    ...devices.flatMap(({ latest }) => Object.keys(latest)),
  ]);
  return (
    <Autocomplete
      className={classes.metric}
      label={label}
      placeholder={placeholder}
      data={[...names].sort()}
      limit={20}
      maxLength={200}
      value={draft.metric}
      error={problems['condition.metric']}
      onChange={(metric) => onChange({ metric })}
    />
  );
}

interface LastingProps {
  label: string;
  lasting: Lasting;
  error: string | undefined;
  onChange: (lasting: Lasting) => void;
}

function LastingFields({ label, lasting, error, onChange }: LastingProps) {
  return (
    <div className={classes.line}>
      <NumberInput
        className={classes.number}
        label={label}
        min={0}
        decimalScale={2}
        value={lasting.count}
        error={error}
        onChange={(count) => onChange({ ...lasting, count })}
      />
      <Select
        className={classes.short}
        aria-label={`Unit of “${label}”`}
        data={[...timeUnits]}
        value={lasting.unit}
        allowDeselect={false}
        onChange={(unit) => unit && onChange({ ...lasting, unit })}
      />
    </div>
  );
}
