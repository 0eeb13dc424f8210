import { Select, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { answer, api } from '../../api/client.ts';
import { deliveriesQuery, notificationChannelsQuery } from '../../api/notification-queries.ts';
import type { NotificationChannel, NotificationDelivery } from '../../api/types.ts';
import { Ago } from '../../components/Ago.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { FilterChips } from '../../components/FilterChips.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconHourglass,
  IconRefresh,
  IconSpeakerphone,
} from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import rows from '../../components/Rows.module.css';
import { Row, Rows } from '../../components/Rows.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { tell, tellProblem } from '../../components/toasts.ts';
import { plural } from '../../format/value.ts';
import { stateWord } from '../../notifications/states.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './NotificationChannels.module.css';

const filters = [
  { value: 'pending', label: 'On the way' },
  { value: 'sent', label: 'Arrived' },
  { value: 'dead', label: 'Given up' },
] as const;

/** What was told and what became of it; what was given up can be sent again. */
export function Deliveries({ channels }: { channels: NotificationChannel[] }) {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.notificationChannels });
  const navigate = useNavigate({ from: paths.notificationChannels });
  const query = useInfiniteQuery(deliveriesQuery(org, search));
  const deliveries = query.data?.pages.flatMap(({ items }) => items);
  const narrow = (change: typeof search) =>
    void navigate({ to: '.', search: { ...search, ...change }, replace: true, resetScroll: false });
  const dead = channels.filter(({ id }) => search.channel === undefined || id === search.channel);
  const deadCount = dead.reduce((sum, channel) => sum + channel.dead, 0);
  return (
    <Panel
      title="Deliveries"
      flush
      actions={deadCount > 1 ? <SendAllAgain channels={dead} count={deadCount} /> : undefined}
    >
      <div className={classes.filters}>
        <FilterChips
          label="State"
          options={[...filters]}
          chosen={search.state}
          onChoose={(state) => narrow({ state })}
        />
        {channels.length > 1 && (
          <Select
            aria-label="Channel"
            size="xs"
            placeholder="All channels"
            clearable
            data={channels.map(({ id, name }) => ({ value: id, label: name }))}
            value={search.channel ?? null}
            onChange={(channel) => narrow({ channel: channel ?? undefined })}
          />
        )}
      </div>
      {query.error && (
        <Failure
          what="The deliveries could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {!deliveries && !query.error && <Skeleton height={58} m={16} radius={8} />}
      {deliveries?.length === 0 && (
        <Empty icon={IconSpeakerphone} title={search.state ? 'None of these' : 'Nothing told yet'}>
          {search.state
            ? 'No notification is in this state.'
            : 'When an alert opens it is listed here, with what the receiver made of it. Tests are not.'}
        </Empty>
      )}
      {deliveries && deliveries.length > 0 && (
        <Rows label="Deliveries">
          {deliveries.map((delivery) => (
            <Delivery key={delivery.id} delivery={delivery} />
          ))}
        </Rows>
      )}
      {query.hasNextPage && (
        <ShowMore loading={query.isFetchingNextPage} onShow={() => void query.fetchNextPage()}>
          Show older deliveries
        </ShowMore>
      )}
    </Panel>
  );
}

const looks = {
  sent: { icon: IconCircleCheck, look: rows.good },
  pending: { icon: IconHourglass, look: rows.past },
  failing: { icon: IconAlertTriangle, look: rows.due },
  dead: { icon: IconCircleX, look: classes.bad },
} as const;

function Delivery({ delivery }: { delivery: NotificationDelivery }) {
  const { id, title, channel, state, attempts, last_error, next_try_at, created_at } = delivery;
  const { icon: Icon, look } = looks[state === 'pending' && last_error !== null ? 'failing' : state];
  const retry = useRetry();
  return (
    <Row
      title={<Title delivery={delivery} />}
      detail={
        <>
          <span>{channel.name}</span>
          <Ago at={created_at} />
          {attempts > 1 && <span>{plural(attempts, 'attempt')}</span>}
          {state === 'pending' && last_error && next_try_at && (
            <span>
              next try <Ago at={next_try_at} />
            </span>
          )}
          {last_error && <span className={classes.error}>{last_error}</span>}
        </>
      }
      actions={
        <>
          <span className={rows.state}>
            <Icon size={16} stroke={1.9} className={look} aria-hidden />
            {stateWord(delivery)}
          </span>
          {state === 'dead' && (
            <GatedButton
              needs="member"
              size="xs"
              variant="default"
              aria-label={`Send again: ${title}`}
              onClick={() => void retry({ delivery_ids: [id] })}
            >
              Send again
            </GatedButton>
          )}
        </>
      }
    />
  );
}

/** The way to the alert, if it tells of one. */
function Title({ delivery: { title, alert_ids } }: { delivery: NotificationDelivery }) {
  const { id: org } = useOrganization();
  const [alert, ...others] = alert_ids;
  if (alert === undefined || others.length > 0) return title;
  return (
    <Link to={paths.alert} params={{ org, alert }} className={classes.link}>
      {title}
    </Link>
  );
}

function SendAllAgain({ channels, count }: { channels: NotificationChannel[]; count: number }) {
  const retry = useRetry();
  const all = () =>
    Promise.all(channels.flatMap(({ id, dead }) => (dead > 0 ? [retry({ channel_id: id })] : [])));
  return (
    <GatedButton
      needs="member"
      size="xs"
      variant="default"
      leftSection={<IconRefresh size={15} />}
      onClick={() => void all()}
    >
      Send all {count} again
    </GatedButton>
  );
}

function useRetry() {
  const { id: org } = useOrganization();
  const queries = useQueryClient();
  return async (body: { delivery_ids: string[] } | { channel_id: string }) => {
    try {
      const { retried } = await answer(
        api.POST('/api/v1/organizations/{org}/notification-deliveries/retry', {
          params: { path: { org } },
          body,
        }),
      );
      tell(`${plural(retried, 'notification')} sent again`);
    } catch (error) {
      tellProblem('It is not sent again', error);
    }
    await queries.invalidateQueries({ queryKey: [org, 'notification-deliveries'] });
    await queries.invalidateQueries({ queryKey: notificationChannelsQuery(org).queryKey });
  };
}
