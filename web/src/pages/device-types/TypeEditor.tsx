import { Button, Group, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { ApiProblem } from '../../api/problem.ts';
import { organizationQuery } from '../../api/queries.ts';
import type { DeviceType } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { IconPlus } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { RetentionField } from '../../components/RetentionField.tsx';
import { retentionQuestion } from '../../components/retention-question.ts';
import { tell } from '../../components/toasts.ts';
import { useFirstInvalid } from '../../components/use-first-invalid.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { contradictions, declarationDraft, most, typeBody, typeDraft } from '../../device-types/draft.ts';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { DeclarationEditor } from './DeclarationEditor.tsx';
import classes from './DeviceTypes.module.css';
import { MetricsEditor } from './MetricsEditor.tsx';
import { Preview } from './Preview.tsx';

/** A type with the commands and metrics that it declares, beside the form that people will see of a command. */
export function TypeEditor({ type }: { type?: DeviceType }) {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => typeDraft(type));
  // Which is open, and previewed: a new type begins with its first command.
  const [open, setOpen] = useState<number | undefined>(type ? undefined : draft.commands[0]?.key);
  const [wrong, setWrong] = useState<Error>();
  const [question, setQuestion] = useState<Question>();
  const { data: organization } = useQuery(organizationQuery(org));
  const keptAnyway = organization?.retention_days ?? organization?.platform_retention_days ?? 0;
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const body = typeBody(draft);
    await (type
      ? answer(
          api.PATCH('/api/v1/organizations/{org}/device-types/{type}', {
            params: { path: { org, type: type.id } },
            body,
          }),
        )
      : answer(
          api.POST('/api/v1/organizations/{org}/device-types', {
            params: { path: { org }, header: idempotent() },
            body,
          }),
        ));
    await queries.invalidateQueries({ queryKey: deviceTypesQuery(org).queryKey });
    tell(`${body.name} is saved`);
    await navigate({ to: paths.deviceTypes, params: { org } });
  });
  const said = wrong ?? problem;
  const form = useFirstInvalid(said);
  const list = useRef<HTMLDivElement>(null);
  const marked = wrong ? contradictions(draft) : fields;
  const change = (changed: typeof draft) => {
    setDraft(changed);
    setWrong(undefined);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const isWrong = Object.keys(contradictions(draft)).length > 0;
    setWrong(isWrong ? new Error(corrections) : undefined);
    if (isWrong) return;
    const asked =
      type &&
      type.device_count > 0 &&
      retentionQuestion({
        next: typeBody(draft).retention_days,
        before: type.retention_days,
        anyway: keptAnyway,
        whose: `its ${plural(type.device_count, 'device')}`,
        act: () => submit(undefined),
      });
    if (asked) setQuestion(asked);
    else void submit(undefined);
  };
  const add = () => {
    const command = declarationDraft();
    change({ ...draft, commands: [...draft.commands, command] });
    setOpen(command.key);
  };
  const remove = (key: number) => {
    change({ ...draft, commands: draft.commands.filter((command) => command.key !== key) });
    list.current?.querySelector<HTMLElement>('[data-add]')?.focus();
  };
  const previewed = draft.commands.find(({ key }) => key === open);
  return (
    <div className={classes.columns}>
      <form ref={form} className={classes.form} onSubmit={onSubmit}>
        <TextInput
          label="Name"
          description="What devices of this kind are called"
          placeholder="Soil sensor"
          className={classes.name}
          required
          withAsterisk={false}
          maxLength={100}
          value={draft.name}
          error={
            fields.name ??
            (problem instanceof ApiProblem && problem.code === 'conflict' ? 'Is taken' : undefined)
          }
          onChange={(event) => change({ ...draft, name: event.currentTarget.value })}
        />
        <div className={classes.commands} ref={list}>
          <h2 className={classes.heading}>Commands</h2>
          {draft.commands.map((command, index) => (
            <DeclarationEditor
              key={command.key}
              command={command}
              place={`commands.${index}`}
              problems={marked}
              open={open === command.key}
              onOpen={() => setOpen(open === command.key ? undefined : command.key)}
              onChange={(changed) => change({ ...draft, commands: draft.commands.with(index, changed) })}
              onRemove={() => remove(command.key)}
            />
          ))}
          {draft.commands.length < most.commands && (
            <div>
              <Button data-add variant="default" size="xs" leftSection={<IconPlus size={15} />} onClick={add}>
                Add a command
              </Button>
            </div>
          )}
        </div>
        <MetricsEditor
          metrics={draft.metrics}
          type={type?.id}
          problems={marked}
          onChange={(metrics) => change({ ...draft, metrics })}
        />
        <div className={classes.name}>
          <RetentionField
            otherwise="organization"
            days={draft.retentionDays}
            error={fields.retention_days}
            onChange={(retentionDays) => change({ ...draft, retentionDays })}
          />
        </div>
        <FormProblem problem={isMarked(problem) ? new Error(corrections) : said} />
        <Group gap="xs">
          <Button type="submit" loading={busy}>
            {type ? 'Save' : 'Create device type'}
          </Button>
          <ButtonLink to={paths.deviceTypes} params={{ org }} variant="default">
            Cancel
          </ButtonLink>
        </Group>
      </form>
      <Preview command={previewed} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </div>
  );
}

const corrections = 'Not saved yet: correct what is marked above.';

function isMarked(problem: unknown): boolean {
  return problem instanceof ApiProblem && Object.keys(problem.fields).length > 0;
}
