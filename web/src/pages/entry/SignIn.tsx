import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { platformQuery } from '../../api/queries.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { paths } from '../../paths.ts';
import classes from './Entry.module.css';
import { Entry } from './Entry.tsx';

export function SignIn() {
  const { to } = useSearch({ from: paths.signIn });
  const { data: platform } = useQuery(platformQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    await answer(api.POST('/api/auth/sign-in/email', { body: { email, password } }));
    queries.clear();
    if (to) router.history.replace(to);
    else await navigate({ to: paths.home, replace: true });
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };

  return (
    <Entry title="Sign in">
      {platform?.setup_required && (
        <Notice kind="info" title="Nobody has an account here yet">
          The console of the platform shows a one-time link to the set-up page. Open it to create the first
          account.
        </Notice>
      )}
      <form className={classes.form} onSubmit={onSubmit}>
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          error={fields.email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          error={fields.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <FormProblem problem={problem} />
        <Button type="submit" loading={busy} fullWidth>
          Sign in
        </Button>
      </form>
    </Entry>
  );
}
