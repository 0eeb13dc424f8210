import { Button, Group, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ruleInWords, severityWords } from '../../alerts/in-words.ts';
import { type Beginning, missingOf, type RuleDraft, ruleBody, ruleDraft } from '../../alerts/rule-draft.ts';
import { answer, api, idempotent } from '../../api/client.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { AlertRule } from '../../api/types.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { ButtonLink } from '../../components/links.tsx';
import { tell } from '../../components/toasts.ts';
import { useFirstInvalid } from '../../components/use-first-invalid.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { commonMetrics, metricsOf } from '../../format/metric.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './AlertRules.module.css';
import { Backtest } from './Backtest.tsx';
import { ConditionFields } from './ConditionFields.tsx';
import { ScheduleFields } from './ScheduleFields.tsx';
import { ScopeFields } from './ScopeFields.tsx';
import { ThenFields } from './ThenFields.tsx';

export interface FieldsProps {
  draft: RuleDraft;
  onChange: (changed: Partial<RuleDraft>) => void;
  /** By the API's name of the field. */
  problems: Record<string, string>;
}

interface Props {
  /** Undefined for a new one, which begins with a metric and a device's id where these are known. */
  rule?: AlertRule;
  begin?: Beginning;
}

/** A rule in plain words, beside when it would have fired. */
export function RuleEditor({ rule, begin }: Props) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => ruleDraft(rule, begin));
  // Nobody is told of what is missing before he has said that he is done.
  const [isTried, setTried] = useState(false);
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const body = ruleBody(draft);
    await (rule
      ? answer(
          api.PATCH('/api/v1/organizations/{org}/alert-rules/{rule}', {
            params: { path: { org, rule: rule.id } },
            body,
          }),
        )
      : answer(
          api.POST('/api/v1/organizations/{org}/alert-rules', {
            params: { path: { org }, header: idempotent() },
            body,
          }),
        ));
    await queries.invalidateQueries({ queryKey: [org, 'alert-rules'] });
    tell(`${body.name} is saved`);
    await navigate({ to: paths.alertRules, params: { org } });
  });
  const missing = missingOf(draft);
  const isComplete = Object.keys(missing).length === 0;
  const [wrong, setWrong] = useState<Error>();
  const form = useFirstInvalid(wrong ?? problem);
  const change = (changed: Partial<RuleDraft>) => {
    setDraft({ ...draft, ...changed });
    setWrong(undefined);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    setWrong(isComplete ? undefined : new Error('Some of it is missing: see the fields that are marked.'));
    if (isComplete) void submit(undefined);
  };
  const parts = { draft, onChange: change, problems: isTried ? { ...fields, ...missing } : fields };
  return (
    <div className={classes.columns}>
      <form ref={form} className={classes.form} onSubmit={onSubmit} noValidate>
        <TextInput
          label="Name"
          placeholder="Freezer too warm"
          maxLength={100}
          value={draft.name}
          error={parts.problems.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <ConditionFields {...parts} />
        {draft.kind !== 'link_down' && <ScopeFields {...parts} />}
        <ThenFields {...parts} />
        <ScheduleFields {...parts} />
        <FormProblem problem={wrong ?? problem} />
        <Group gap="xs">
          <Button type="submit" loading={busy}>
            {rule ? 'Save' : 'Create rule'}
          </Button>
          <ButtonLink to={paths.alertRules} params={{ org }} variant="default">
            Cancel
          </ButtonLink>
        </Group>
      </form>
      <aside className={classes.aside} aria-label="What it comes to">
        <Sentence draft={draft} />
        <Backtest
          draft={draft}
          isComplete={Object.keys(missing).every(
            (field) => !field.startsWith('condition') && field !== 'for_seconds',
          )}
        />
      </aside>
    </div>
  );
}

/** The rule as it will be read. */
function Sentence({ draft }: { draft: RuleDraft }) {
  const { id: org } = useOrganization();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const type = types?.find(({ id }) => id === draft.typeId);
  const { condition, for_seconds = 0, scope = { kind: 'organization' } } = ruleBody(withBlanks(draft));
  const metrics = type ? metricsOf(type) : commonMetrics(types);
  const words = ruleInWords(
    { condition: condition as never, for_seconds, scope },
    {
      metrics: (metric) => (metric ? metrics(metric) : { label: '…', unit: '' }),
      typeName: () => type?.name ?? '…',
    },
  );
  return (
    <p className={classes.sentence} aria-live="polite">
      {words.replaceAll('NaN', '…')} → <strong>{severityWords[draft.severity].toLowerCase()}</strong>
    </p>
  );
}

/** What is not filled in yet as no number: it would be read as 0. */
function withBlanks(draft: RuleDraft): RuleDraft {
  const blank = (typed: RuleDraft['value']) => (typed === '' ? Number.NaN : typed);
  const { value, low, high, by } = draft;
  return { ...draft, value: blank(value), low: blank(low), high: blank(high), by: blank(by) };
}
