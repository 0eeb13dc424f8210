import { Button, Skeleton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { devicesQuery, overviewQuery } from '../../api/queries.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import {
  IconChartLine,
  IconCpu,
  IconPlugConnected,
  IconSearch,
  IconTemplate,
} from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { Page } from '../../components/Page.tsx';
import { presences } from '../../components/Presence.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { parseTags } from '../../tags/tags.ts';
import { DeviceFiles } from './DeviceFiles.tsx';
import { DeviceFilters } from './DeviceFilters.tsx';
import { DeviceRows } from './DeviceRows.tsx';
import classes from './Devices.module.css';
import { SelectionBar } from './SelectionBar.tsx';
import { useSelection } from './use-selection.ts';

/** All devices, found by name and presence; what is typed and chosen stands in the address. */
export function Devices() {
  const { id: org } = useOrganization();
  const filter = useSearch({ from: paths.devices });
  const query = useInfiniteQuery({ ...devicesQuery(org, filter), placeholderData: (before) => before });
  const { data: total } = useQuery({ ...overviewQuery(org), select: (overview) => overview.devices.total });
  const devices = query.data?.pages.flatMap((page) => page.items);
  const filtered = Boolean(filter.q ?? filter.presence ?? filter.type ?? filter.tags);
  const selection = useSelection();
  const maySelect = usePermission('member').allowed;
  const nothingYet = devices?.length === 0 && !filtered;
  return (
    <Page
      title="Devices"
      description={total ? plural(total, 'device') : undefined}
      actions={
        <>
          <ButtonLink
            to={paths.compare}
            params={{ org }}
            variant="default"
            leftSection={<IconChartLine size={16} />}
          >
            Compare
          </ButtonLink>
          <ButtonLink
            to={paths.deviceTypes}
            params={{ org }}
            variant="default"
            leftSection={<IconTemplate size={16} />}
          >
            Device types
          </ButtonLink>
          <DeviceFiles filter={filter} />
        </>
      }
    >
      {!nothingYet && <DeviceFilters filter={filter} />}
      {query.error && (
        <Failure
          what="The devices could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <div className={classes.table} aria-busy={query.isPlaceholderData}>
        {devices === undefined && !query.error && <Waiting />}
        {nothingYet && <NoDevices />}
        {devices?.length === 0 && filtered && <NoMatch />}
        {devices && devices.length > 0 && (
          <>
            {maySelect && <SelectionBar shown={devices} selection={selection} />}
            <DeviceRows
              selection={maySelect ? selection : undefined}
              devices={devices}
              more={query.hasNextPage}
              onMore={() => {
                if (!query.isFetchingNextPage) void query.fetchNextPage();
              }}
            />
          </>
        )}
      </div>
      <p className="visually-hidden" role="status">
        {devices && filtered
          ? `${plural(devices.length, 'device')}${query.hasNextPage ? ' and more' : ''} match`
          : ''}
      </p>
    </Page>
  );
}

function Waiting() {
  return (
    <div className={classes.waiting}>
      {[1, 2, 3, 4, 5, 6, 7, 8].map((row) => (
        <Skeleton key={row} height={22} radius={4} />
      ))}
    </div>
  );
}

function NoDevices() {
  const { id: org } = useOrganization();
  return (
    <Empty
      icon={IconCpu}
      title="No devices yet"
      action={
        <ButtonLink to={paths.connect} params={{ org }} leftSection={<IconPlugConnected size={17} />}>
          Connect a device
        </ButtonLink>
      }
    >
      A device appears here by itself with its first message. Get a user name and password for it, and the
      command to try them.
    </Empty>
  );
}

function NoMatch() {
  const { q, presence, type, tags } = useSearch({ from: paths.devices });
  const navigate = useNavigate({ from: paths.devices });
  const sought = [
    presence && `${presences[presence].word.toLowerCase()} now`,
    type && 'of this type',
    tags && `tagged ${parseTags(tags).join(' and ')}`,
    q && `with “${q}” in its name or id`,
  ].filter(Boolean);
  return (
    <Empty
      icon={IconSearch}
      title="No device matches"
      action={
        <Button variant="default" onClick={() => void navigate({ to: '.', search: {} })}>
          Show all devices
        </Button>
      }
    >
      No device is {sought.join(' and ')}.
    </Empty>
  );
}
