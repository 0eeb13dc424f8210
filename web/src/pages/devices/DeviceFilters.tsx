import { MultiSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Presence } from '../../../../src/contract/common.ts';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { type DeviceFilter, overviewQuery, tagsQuery } from '../../api/queries.ts';
import { FilterChips } from '../../components/FilterChips.tsx';
import { PresenceIcon, presenceOrder, presences } from '../../components/Presence.tsx';
import { Search } from '../../components/Search.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { mostTags, parseTags, writeTags } from '../../tags/tags.ts';
import classes from './Devices.module.css';

export function DeviceFilters({ filter }: { filter: DeviceFilter }) {
  return (
    <div className={classes.filters}>
      <DeviceSearch q={filter.q} />
      <TypeFilter chosen={filter.type} />
      <TagFilter chosen={filter.tags} />
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

/** Only where there are tags to choose from. */
function TagFilter({ chosen }: { chosen: string | undefined }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.devices });
  const { data: used } = useQuery(tagsQuery(org));
  const tags = parseTags(chosen);
  if (!used || (used.length === 0 && tags.length === 0)) return null;
  const known = used.map(({ tag, device_count }) => ({ value: tag, label: tag, count: device_count }));
  const gone = tags.filter((tag) => !used.some((one) => one.tag === tag));
  return (
    <MultiSelect
      className={classes.tagFilter}
      aria-label="Tags"
      placeholder={tags.length === 0 ? 'All tags' : undefined}
      data={[...known, ...gone.map((tag) => ({ value: tag, label: tag, count: 0 }))]}
      value={tags}
      maxValues={mostTags}
      searchable={used.length > 8}
      clearable
      clearButtonProps={{ 'aria-label': 'All tags' }}
      renderOption={({ option }) => (
        <span className={classes.option}>
          {option.label}
          <span className={`figures ${classes.count}`}>
            {formatCount(known.find(({ value }) => value === option.value)?.count ?? 0)}
          </span>
        </span>
      )}
      onChange={(next) =>
        void navigate({ to: '.', search: (before) => ({ ...before, tags: writeTags(next) }) })
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
