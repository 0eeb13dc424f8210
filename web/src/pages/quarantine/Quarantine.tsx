import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { overviewQuery, quarantineQuery } from '../../api/queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconCircleCheck, IconSearch } from '../../components/icons.ts';
import { Notice } from '../../components/Notice.tsx';
import { Page } from '../../components/Page.tsx';
import { formatCount, plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { Messages } from './Messages.tsx';
import classes from './Quarantine.module.css';
import { ReasonFilter } from './ReasonFilter.tsx';
import { ReplayAll } from './ReplayAll.tsx';

/** Messages that could not be stored, each with the reason and what to do about it. */
export function Quarantine() {
  const { id: org } = useOrganization();
  const { reason } = useSearch({ from: paths.quarantine });
  const query = useInfiniteQuery({ ...quarantineQuery(org, reason), placeholderData: (before) => before });
  const { data: overview } = useQuery(overviewQuery(org));
  const messages = query.data?.pages.flatMap((page) => page.items);
  const total = query.data?.pages[0]?.total;
  const nothing = messages?.length === 0 && reason === undefined && !query.isPlaceholderData;
  return (
    <Page
      title="Quarantine"
      description={
        nothing
          ? undefined
          : `${total ? `${plural(total, 'message')} that` : 'Messages that'} could not be stored, newest first.`
      }
      actions={total ? <ReplayAll reason={reason} count={total} /> : undefined}
    >
      {overview?.quarantine_full && (
        <Notice kind="warn" title="Quarantine is full">
          It holds {formatCount(overview.quarantine_limit)} messages at most: as new ones come, the oldest are
          removed. Correct what keeps them from being understood and replay them, or discard what nobody
          needs.
        </Notice>
      )}
      {query.error && (
        <Failure
          what="The messages could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {!nothing && <ReasonFilter chosen={reason} />}
      {messages === undefined && !query.error && <Waiting />}
      {nothing && <AllUnderstood />}
      {messages?.length === 0 && reason !== undefined && !query.isPlaceholderData && (
        <NoMatch reason={reason} />
      )}
      {messages && messages.length > 0 && <Messages key={reason} messages={messages} total={total} />}
      {query.hasNextPage && (
        <Button
          variant="default"
          className={classes.more}
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          Show older messages
        </Button>
      )}
    </Page>
  );
}

function Waiting() {
  return (
    <div className={`${classes.list} ${classes.waiting}`}>
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} height={38} radius={4} />
      ))}
    </div>
  );
}

function AllUnderstood() {
  return (
    <div className={classes.list}>
      <Empty icon={IconCircleCheck} title="Every message was understood">
        There is nothing to do. A message that can’t be decoded or stored will wait here with its bytes and
        the reason; the ones after it are stored as ever.
      </Empty>
    </div>
  );
}

function NoMatch({ reason }: { reason: string }) {
  const navigate = useNavigate({ from: paths.quarantine });
  return (
    <div className={classes.list}>
      <Empty
        icon={IconSearch}
        title="No message for this reason"
        action={
          <Button variant="default" onClick={() => void navigate({ to: '.', search: {} })}>
            Show all reasons
          </Button>
        }
      >
        None of the messages in quarantine is there because of <code>{reason}</code>.
      </Empty>
    </div>
  );
}
