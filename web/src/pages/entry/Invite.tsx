import { Button, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { sentenceOf } from '../../api/problem.ts';
import { meQuery } from '../../api/queries.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { paths } from '../../paths.ts';
import { AccountFields, noAccount } from './AccountFields.tsx';
import classes from './Entry.module.css';
import { Entry } from './Entry.tsx';
import { forgetInvitation, keepInvitation, keptInvitation, useFragmentToken } from './fragment-token.ts';

/** Joins an organization by a link: as who is signed in, or with a new account. */
export function Invite() {
  const fragment = useFragmentToken();
  const token = fragment || keptInvitation();
  const preview = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => answer(api.POST('/api/v1/invitations/preview', { body: { token } })),
    retry: false,
    enabled: token !== '',
  });
  const me = useQuery({ ...meQuery, retry: false });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [account, setAccount] = useState(noAccount);
  const { submit, busy, problem, fields } = useSubmit(async (withAccount: boolean) => {
    const body = withAccount ? { token, account } : { token };
    const { organization_id: org } = await answer(api.POST('/api/v1/invitations/accept', { body }));
    forgetInvitation();
    queries.clear();
    await navigate({ to: paths.overview, params: { org }, replace: true });
  });

  const invited = preview.data;
  useEffect(() => {
    if (invited?.email) setAccount((known) => ({ ...known, email: invited.email! }));
  }, [invited]);

  if (!token) {
    return (
      <Entry
        title="The link is incomplete"
        text="Open the whole link that you were sent, with everything behind the #."
      >
        <AnchorLink to={paths.signIn}>Sign in</AnchorLink>
      </Entry>
    );
  }
  if (preview.isPending || me.isPending) {
    return (
      <Entry title="Invitation">
        <Loader size="sm" color="gray" aria-label="Loading" />
      </Entry>
    );
  }
  if (!invited) {
    return (
      <Entry title="This invitation can’t be used" text={sentenceOf(preview.error)}>
        <AnchorLink to={paths.signIn}>Sign in</AnchorLink>
      </Entry>
    );
  }
  const user = me.data?.user;
  const title = `Join ${invited.organization_name}`;
  if (user) {
    return (
      <Entry title={title} text={`You are invited as ${invited.role}. You are signed in as ${user.email}.`}>
        <div className={classes.form}>
          <FormProblem problem={problem} />
          <Button loading={busy} onClick={() => void submit(false)} autoFocus>
            Join as {user.name}
          </Button>
        </div>
      </Entry>
    );
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(true);
  };
  return (
    <Entry
      title={title}
      text={
        <>
          You are invited as {invited.role}. Create an account, or{' '}
          <AnchorLink
            to={paths.signIn}
            search={{ to: paths.invite }}
            onClick={() => keepInvitation(token)}
            inherit
          >
            sign in
          </AnchorLink>{' '}
          if you have one.
        </>
      }
    >
      <form className={classes.form} onSubmit={onSubmit}>
        <AccountFields
          account={account}
          onChange={setAccount}
          errors={fields}
          lockedEmail={Boolean(invited.email)}
        />
        <FormProblem problem={problem} />
        <Button type="submit" loading={busy} fullWidth>
          Create account and join
        </Button>
      </form>
    </Entry>
  );
}
