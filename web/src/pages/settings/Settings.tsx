import { Button, Group, Skeleton, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { meQuery, organizationQuery } from '../../api/queries.ts';
import type { Organization } from '../../api/types.ts';
import { Confirm, type Question } from '../../components/Confirm.tsx';
import { Failure } from '../../components/Failure.tsx';
import { FormProblem } from '../../components/FormProblem.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { RetentionField, retentionOf } from '../../components/RetentionField.tsx';
import { retentionQuestion } from '../../components/retention-question.ts';
import { tell } from '../../components/toasts.ts';
import { useFirstInvalid } from '../../components/use-first-invalid.ts';
import { useSubmit } from '../../components/use-submit.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './Settings.module.css';

/** What the organization is called, and for how long it keeps readings. */
export function Settings() {
  const { id: org } = useOrganization();
  const query = useQuery({ ...organizationQuery(org), staleTime: 0 });
  const { allowed, why } = usePermission('admin');
  return (
    <Page title="Settings" description="What the organization is called, and for how long it keeps readings.">
      {query.error && (
        <Failure
          what="The settings could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {!allowed && (
        <Notice kind="info" title="You can’t change these">
          {why}
        </Notice>
      )}
      <Panel title="Organization">
        {query.data ? (
          <Fields key={org} organization={query.data} mayChange={allowed} />
        ) : (
          <Skeleton height={180} radius={8} />
        )}
      </Panel>
    </Page>
  );
}

function Fields({ organization, mayChange }: { organization: Organization; mayChange: boolean }) {
  const { id: org, platform_retention_days: most } = organization;
  const queries = useQueryClient();
  const [name, setName] = useState(organization.name);
  const [days, setDays] = useState<number | string>(organization.retention_days ?? '');
  const [question, setQuestion] = useState<Question>();
  const save = async () => {
    const body = { name: name.trim(), retention_days: retentionOf(days) };
    const params = { path: { org } };
    const changed = await answer(api.PATCH('/api/v1/organizations/{org}', { params, body }));
    queries.setQueryData(organizationQuery(org).queryKey, changed);
    await queries.invalidateQueries({ queryKey: meQuery.queryKey });
    tell('The settings are saved');
  };
  const { submit, busy, problem, fields } = useSubmit(save);
  const form = useFirstInvalid(problem);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const asked = retentionQuestion({
      next: retentionOf(days),
      before: organization.retention_days,
      anyway: most,
      whose: 'all devices',
      act: () => submit(undefined),
    });
    if (asked) setQuestion(asked);
    else void submit(undefined);
  };
  return (
    <form ref={form} onSubmit={onSubmit} className={classes.form}>
      <TextInput
        label="Name"
        value={name}
        maxLength={100}
        required
        withAsterisk={false}
        disabled={!mayChange}
        error={fields.name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RetentionField
        otherwise="platform"
        days={days}
        disabled={!mayChange}
        error={fields.retention_days}
        onChange={setDays}
      />
      <FormProblem problem={problem} />
      {mayChange && (
        <Group>
          <Button type="submit" loading={busy}>
            Save
          </Button>
        </Group>
      )}
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </form>
  );
}
