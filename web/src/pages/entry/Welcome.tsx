import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api, idempotent } from '../../api/client.ts';
import { meQuery } from '../../api/queries.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { paths } from '../../paths.ts';
import classes from './Entry.module.css';
import { Entry } from './Entry.tsx';

/** For someone who belongs to no organization, or wants another. */
export function Welcome() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const made = await answer(
      api.POST('/api/v1/organizations', { params: { header: idempotent() }, body: { name } }),
    );
    await queries.fetchQuery({ ...meQuery, staleTime: 0 });
    await navigate({ to: paths.overview, params: { org: made.id } });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };
  return (
    <Entry
      title="Create an organization"
      text="Devices, credentials and members belong to an organization. To join an existing one, ask its admins for an invitation."
    >
      <form className={classes.form} onSubmit={onSubmit}>
        <TextInput
          label="Name"
          placeholder="Acme Greenhouses"
          required
          withAsterisk={false}
          maxLength={100}
          autoFocus
          value={name}
          error={fields.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <FormProblem problem={problem} />
        <Button type="submit" loading={busy}>
          Create organization
        </Button>
      </form>
    </Entry>
  );
}
