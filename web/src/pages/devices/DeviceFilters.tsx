import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Presence } from '../../../../src/contract/common.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { type DeviceFilter, overviewQuery } from '../../api/queries.ts';
import { FilterChips } from '../../components/FilterChips.tsx';
import { PresenceIcon, presenceOrder, presences } from '../../components/Presence.tsx';
import { Search } from '../../components/Search.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Devices.module.css';

export function DeviceFilters({ filter }: { filter: DeviceFilter }) {
  return (
    <div className={classes.filters}>
      <DeviceSearch q={filter.q} />
      <TypeFilter chosen={filter.type} />
      <PresenceFilter chosen={filter.presence} />
    </div>
  );
}

function DeviceSearch({ q }: { q: string | undefined }) {
  const navigate = useNavigate({ from: paths.devices });
  return (
    <Search
      className={classes.search}
      label="Search devices"
      placeholder="Name or id"
      q={q}
      onFind={(found) =>
        void navigate({ to: '.', search: (before) => ({ ...before, q: found }), replace: true })
      }
    />
  );
}

/** Only where there are types to choose from. */
function TypeFilter({ chosen }: { chosen: string | undefined }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.devices });
  const { data: types } = useQuery(deviceTypesQuery(org));
  if (!types || (types.length === 0 && chosen === undefined)) return null;
  const known = types.map(({ id, name }) => ({ value: id, label: name }));
  const isKnown = chosen === undefined || types.some(({ id }) => id === chosen);
  return (
    <Select
      className={classes.type}
      aria-label="Type"
      placeholder="All types"
      data={isKnown ? known : [...known, { value: chosen, label: 'A type that is gone' }]}
      value={chosen ?? null}
      clearable
      clearButtonProps={{ 'aria-label': 'All types' }}
      onChange={(type) =>
        void navigate({ to: '.', search: (before) => ({ ...before, type: type ?? undefined }) })
      }
    />
  );
}

function PresenceFilter({ chosen }: { chosen: Presence | undefined }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.devices });
  const { data: counts } = useQuery({ ...overviewQuery(org), select: (overview) => overview.devices });
  return (
    <FilterChips
      label="Presence"
      chosen={chosen}
      onChoose={(presence) => void navigate({ to: '.', search: (before) => ({ ...before, presence }) })}
      options={presenceOrder.map((presence) => ({
        value: presence,
        label: (
          <>
            <PresenceIcon presence={presence} />
            {presences[presence].word}
            <span className={`figures ${classes.count}`}>{counts ? formatCount(counts[presence]) : ''}</span>
          </>
        ),
      }))}
    />
  );
}
