import { CloseButton, Kbd, TextInput } from '@mantine/core';
import { useDebouncedCallback, useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Presence } from '../../../../src/contract/common.ts';
import { type DeviceFilter, overviewQuery } from '../../api/queries.ts';
import { IconSearch } from '../../components/icons.ts';
import { PresenceIcon, presenceOrder, presences } from '../../components/Presence.tsx';
import { formatCount } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Devices.module.css';

export function DeviceFilters({ filter }: { filter: DeviceFilter }) {
  return (
    <div className={classes['filters']}>
      <Search q={filter.q} />
      <PresenceFilter chosen={filter.presence} />
    </div>
  );
}

function Search({ q }: { q: string | undefined }) {
  const navigate = useNavigate({ from: paths.devices });
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q ?? '');
  // Back and forward change the address under us.
  const typed = useRef(q);
  useEffect(() => {
    if (q !== typed.current) setText(q ?? '');
    typed.current = q;
  }, [q]);
  const find = useDebouncedCallback((next: string) => {
    typed.current = next || undefined;
    void navigate({ to: '.', search: (before) => ({ ...before, q: typed.current }), replace: true });
  }, 200);
  const change = (next: string) => {
    setText(next);
    find(next);
  };
  useHotkeys([['/', () => input.current?.select()]]);
  return (
    <TextInput
      ref={input}
      className={classes['search']}
      type="search"
      aria-label="Search devices"
      aria-keyshortcuts="/"
      placeholder="Name or id"
      leftSection={<IconSearch size={16} />}
      rightSection={
        text ? (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => change('')} />
        ) : (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        )
      }
      value={text}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

function PresenceFilter({ chosen }: { chosen: Presence | undefined }) {
  const { id: org } = useOrganization();
  const navigate = useNavigate({ from: paths.devices });
  const { data: counts } = useQuery({ ...overviewQuery(org), select: (overview) => overview.devices });
  const choose = (presence: Presence | undefined) =>
    void navigate({ to: '.', search: (before) => ({ ...before, presence }) });
  return (
    <fieldset className={classes['presences']}>
      <legend className="visually-hidden">Presence</legend>
      <button type="button" aria-pressed={chosen === undefined} onClick={() => choose(undefined)}>
        All
      </button>
      {presenceOrder.map((presence) => (
        <button
          key={presence}
          type="button"
          aria-pressed={chosen === presence}
          onClick={() => choose(chosen === presence ? undefined : presence)}
        >
          <PresenceIcon presence={presence} />
          {presences[presence].word}
          <span className={`figures ${classes['count']}`}>{counts ? formatCount(counts[presence]) : ''}</span>
        </button>
      ))}
    </fieldset>
  );
}
