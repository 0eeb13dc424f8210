import { Button, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../../api/client.ts';
import { meQuery, platformQuery } from '../../api/queries.ts';
import { FormProblem } from '../../components/FormProblem.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { Notice } from '../../components/Notice.tsx';
import { useSubmit } from '../../components/use-submit.ts';
import { paths } from '../../paths.ts';
import { AccountFields, noAccount } from './AccountFields.tsx';
import classes from './Entry.module.css';
import { Entry } from './Entry.tsx';
import { useFragmentToken } from './fragment-token.ts';

/** The first account and organization of a new platform. */
export function SetUp() {
  const token = useFragmentToken();
  const { data: platform } = useQuery(platformQuery);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [account, setAccount] = useState(noAccount);
  const [organization, setOrganization] = useState('');
  const { submit, busy, problem, fields } = useSubmit(async () => {
    const me = await answer(
      api.POST('/api/v1/setup', { body: { token, ...account, organization_name: organization } }),
    );
    queries.clear();
    queries.setQueryData(meQuery.queryKey, me);
    const org = me.organizations[0]?.id;
    await (org
      ? navigate({ to: paths.overview, params: { org }, replace: true })
      : navigate({ to: paths.home, replace: true }));
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(undefined);
  };

  if (platform && !platform.setup_required) {
    return (
      <Entry title="Already set up" text="This platform has an owner. Set-up links work once.">
        <AnchorLink to={paths.signIn}>Sign in</AnchorLink>
      </Entry>
    );
  }
  if (!token) {
    return (
      <Entry
        title="The link is incomplete"
        text="Open the whole link that the console shows, with everything behind the #."
      >
        {null}
      </Entry>
    );
  }
  return (
    <Entry title="Set up NetNeural MQTT" text="Your account will own the platform’s first organization.">
      <form className={classes.form} onSubmit={onSubmit}>
        <AccountFields account={account} onChange={setAccount} errors={fields} />
        <TextInput
          label="Organization"
          description="Devices and members belong to it"
          placeholder="Acme Greenhouses"
          required
          withAsterisk={false}
          maxLength={100}
          value={organization}
          error={fields.organization_name}
          onChange={(event) => setOrganization(event.currentTarget.value)}
        />
        <FormProblem problem={problem} />
        <Button type="submit" loading={busy} fullWidth>
          Create account and organization
        </Button>
        {problem !== undefined && (
          <Notice kind="info">
            A link that no longer works? Restart the platform: the console shows a new one.
          </Notice>
        )}
      </form>
    </Entry>
  );
}
