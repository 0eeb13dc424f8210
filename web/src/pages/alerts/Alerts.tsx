import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type AlertSearch, alertsAsked } from '../../alerts/search.ts';
import { alertRulesQuery, alertsQuery } from '../../api/alert-queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconBell, IconCircleCheck, IconPlus, IconSearch } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { AlertFilters } from './AlertFilters.tsx';
import { AlertList } from './AlertList.tsx';
import classes from './Alerts.module.css';
import { AlertsPage } from './AlertsPage.tsx';
import { NotifyMe } from './NotifyMe.tsx';

/** The inbox: what needs somebody, newest first; what it is narrowed to stands in the address. */
export function Alerts() {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.alerts });
  const query = useInfiniteQuery({
    ...alertsQuery(org, alertsAsked(search)),
    placeholderData: (before) => before,
  });
  const alerts = query.data?.pages.flatMap((page) => page.items);
  const isEmpty = alerts?.length === 0 && !query.isPlaceholderData;
  return (
    <AlertsPage
      title="Alerts"
      description="What rules have found, and what became of it."
      actions={<NotifyMe />}
    >
      <AlertFilters search={search} />
      {query.error && (
        <Failure
          what="The alerts could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <div className={classes.surface} aria-busy={query.isPlaceholderData}>
        {!alerts && !query.error && <Waiting />}
        {isEmpty && <Nothing search={search} />}
        {alerts && alerts.length > 0 && <AlertList key={JSON.stringify(search)} alerts={alerts} />}
        {query.hasNextPage && (
          <ShowMore loading={query.isFetchingNextPage} onShow={() => void query.fetchNextPage()}>
            Show older alerts
          </ShowMore>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {alerts && `${plural(alerts.length, 'alert')}${query.hasNextPage ? ' and more' : ''}`}
      </p>
    </AlertsPage>
  );
}

function Waiting() {
  return (
    <div className={classes.waiting}>
      {[1, 2, 3, 4, 5].map((row) => (
        <Skeleton key={row} height={22} radius={4} />
      ))}
    </div>
  );
}

/** Nothing to do, nothing that matches, or no rule that could find anything. */
function Nothing({ search }: { search: AlertSearch }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.alerts });
  const { data: rules } = useQuery(alertRulesQuery(org));
  const isNarrowed = Boolean(search.severity ?? search.device ?? search.rule ?? search.state);
  if (isNarrowed) {
    return (
      <Empty
        icon={IconSearch}
        title="No alert matches"
        action={
          <Button variant="default" onClick={() => void navigate({ to: '.', search: {} })}>
            Show what is not over
          </Button>
        }
      >
        Nothing is here with these filters.
      </Empty>
    );
  }
  if (rules?.length === 0) {
    return (
      <Empty
        icon={IconBell}
        title="Nothing is watched yet"
        action={
          <ButtonLink to={paths.newAlertRule} params={{ org }} leftSection={<IconPlus size={17} />}>
            Make a rule
          </ButtonLink>
        }
      >
        A rule says what is worth telling you: a value out of its range, a device that went silent, a broker
        that is away. It can be tried on what your devices have already sent.
      </Empty>
    );
  }
  return (
    <Empty icon={IconCircleCheck} title="All is well">
      No alert is open. What opens is shown here by itself.
    </Empty>
  );
}
