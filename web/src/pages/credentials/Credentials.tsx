import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { credentialsQuery } from '../../api/queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconLock, IconPlus, IconSearch } from '../../components/icons.ts';
import { Page, Panel } from '../../components/Page.tsx';
import { Search } from '../../components/Search.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { ConnectionDetails } from './ConnectionDetails.tsx';
import { CreateCredential } from './CreateCredential.tsx';
import { CredentialActivity } from './CredentialActivity.tsx';
import classes from './Credentials.module.css';
import { CredentialTable } from './CredentialTable.tsx';
import { matches } from './state.ts';

/** What devices sign in with, where they connect, and what came of it. */
export function Credentials() {
  const { id: org } = useOrganization();
  const { q } = useSearch({ from: paths.credentials });
  const navigate = useNavigate({ from: paths.credentials });
  const query = useInfiniteQuery(credentialsQuery(org));
  const [creating, setCreating] = useState(false);
  const { data: credentials, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  // A search is one in all of them, not in those that happen to be here.
  useEffect(() => {
    if (q && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [q, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const shown = q ? credentials?.filter((credential) => matches(credential, q)) : credentials;
  const find = (found: string | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, q: found }), replace: true });
  const create = (
    <GatedButton needs="admin" leftSection={<IconPlus size={17} />} onClick={() => setCreating(true)}>
      Create credential
    </GatedButton>
  );
  return (
    <Page
      title="Credentials"
      description="User names and passwords for devices, and what became of their connections."
      actions={create}
    >
      {query.error && (
        <Failure
          what="The credentials could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {credentials && credentials.length > 0 && (
        <Search
          className={classes.search}
          label="Search credentials"
          placeholder="Label, user name or device"
          q={q}
          onFind={find}
        />
      )}
      <Panel flush>
        {!credentials && !query.error && <Skeleton height={156} radius={10} />}
        {credentials?.length === 0 && (
          <Empty icon={IconLock} title="No credentials yet">
            A device signs in with a user name and a password. One for the whole organization is enough to
            begin with; one for each device can be taken back without touching the others.
          </Empty>
        )}
        {shown && shown.length > 0 && <CredentialTable credentials={shown} />}
        {credentials && credentials.length > 0 && shown?.length === 0 && (
          <Empty
            icon={IconSearch}
            title="No credential matches"
            action={
              <Button variant="default" onClick={() => find(undefined)}>
                Show all credentials
              </Button>
            }
          >
            None has “{q}” in its label, its user name or its device.
          </Empty>
        )}
        {!q && hasNextPage && (
          <ShowMore loading={isFetchingNextPage} onShow={() => void fetchNextPage()}>
            Show older credentials
          </ShowMore>
        )}
      </Panel>
      <div className={classes.columns}>
        <CredentialActivity credentials={credentials ?? []} />
        <ConnectionDetails />
      </div>
      <CreateCredential opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}
