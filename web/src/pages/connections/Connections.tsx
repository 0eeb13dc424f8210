import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { connectionsQuery, credentialQuery } from '../../api/queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconPlugConnected, IconSearch, IconX } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { Search } from '../../components/Search.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { nameOf } from '../credentials/state.ts';
import classes from './Connections.module.css';
import { ConnectionTable } from './ConnectionTable.tsx';

/** Who is connected to the hosted broker now, from where, and a way to end it. */
export function Connections() {
  const { id: org } = useOrganization();
  const filter = useSearch({ from: paths.connections });
  const navigate = useNavigate({ from: paths.connections });
  const query = useInfiniteQuery(connectionsQuery(org, filter));
  const { data: connections, error, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const isNarrowed = filter.q !== undefined || filter.credential !== undefined;
  return (
    <Page title="Connections" description="Clients that are connected to the hosted broker now.">
      {error && (
        <Failure
          what="The connections could not be read"
          error={error}
          onRetry={() => void query.refetch()}
        />
      )}
      {(isNarrowed || (connections && connections.length > 0)) && (
        <div className={classes.filters}>
          <Search
            className={classes.search}
            label="Search connections"
            placeholder="Client id or address"
            q={filter.q}
            onFind={(q) => void navigate({ to: '.', search: (before) => ({ ...before, q }), replace: true })}
          />
          {filter.credential && <CredentialFilter credential={filter.credential} />}
        </div>
      )}
      <Panel flush>
        {!connections && !error && <Skeleton height={156} radius={10} />}
        {connections?.length === 0 && (isNarrowed ? <NoneMatches /> : <NobodyIsConnected />)}
        {connections && connections.length > 0 && <ConnectionTable connections={connections} />}
        {hasNextPage && (
          <ShowMore loading={isFetchingNextPage} onShow={() => void fetchNextPage()}>
            Show earlier connections
          </ShowMore>
        )}
      </Panel>
    </Page>
  );
}

/** That only those of one credential are shown, and how to see all again. */
function CredentialFilter({ credential: id }: { credential: string }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.connections });
  const { data: credential, error } = useQuery(credentialQuery(org, id));
  const name = credential ? nameOf(credential) : error ? 'a credential that is gone' : '…';
  return (
    <Button
      variant="default"
      className={classes.chip}
      rightSection={<IconX size={15} aria-hidden />}
      aria-label={`Only of ${name}. Show those of all credentials`}
      onClick={() => void navigate({ to: '.', search: (before) => ({ ...before, credential: undefined }) })}
    >
      Credential: {name}
    </Button>
  );
}

function NoneMatches() {
  const navigate = useNavigate({ from: paths.connections });
  return (
    <Empty
      icon={IconSearch}
      title="No connection matches"
      action={
        <Button variant="default" onClick={() => void navigate({ to: '.', search: {} })}>
          Show all connections
        </Button>
      }
    >
      Nobody is connected like that now. Who was, and why no more, is in the credentials’ activity.
    </Empty>
  );
}

function NobodyIsConnected() {
  const { id: org } = useOrganization();
  return (
    <Empty
      icon={IconPlugConnected}
      title="Nobody is connected"
      action={
        <ButtonLink to={paths.connect} params={{ org }}>
          Connect a device
        </ButtonLink>
      }
    >
      Clients appear here while they are connected to the hosted broker. Devices on a broker of your own
      don’t.
    </Empty>
  );
}
