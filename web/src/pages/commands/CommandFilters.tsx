import { Autocomplete } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import type { Command } from '../../api/types.ts';
import {
  type CommandFilterName,
  type CommandSearch,
  commandFilters,
  stateWords,
} from '../../commands/states.ts';
import { DeviceChoice } from '../../components/DeviceChoice.tsx';
import { FilterChips } from '../../components/FilterChips.tsx';
import { IconSearch } from '../../components/icons.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { CommandStateIcon } from './CommandStateMark.tsx';
import classes from './Commands.module.css';

/** State, device and name; each stands in the address. */
export function CommandFilters({ search, commands }: { search: CommandSearch; commands: Command[] }) {
  const navigate = useNavigate({ from: paths.commands });
  const narrow = (changed: CommandSearch) =>
    void navigate({ to: '.', search: (before) => ({ ...before, ...changed }) });
  const filters = Object.entries(commandFilters) as [
    CommandFilterName,
    (typeof commandFilters)[CommandFilterName],
  ][];
  return (
    <>
      <div className={classes.filters}>
        <NameFilter name={search.name} commands={commands} onFind={(name) => narrow({ name })} />
        <DeviceChoice
          className={classes.device}
          device={search.device}
          none="All devices"
          onChoose={(device) => narrow({ device })}
        />
      </div>
      <FilterChips
        label="State"
        chosen={search.state}
        onChoose={(state) => narrow({ state })}
        options={filters.map(([value, { word, states }]) => ({
          value,
          title: states.map((state) => stateWords[state].meaning).join('; '),
          label: (
            <>
              <CommandStateIcon state={states[0]!} />
              {word}
            </>
          ),
        }))}
      />
    </>
  );
}

interface NameProps {
  name: string | undefined;
  commands: Command[];
  onFind: (name: string | undefined) => void;
}

/** The whole name: those that are declared, or on the page already, are offered. */
function NameFilter({ name, commands, onFind }: NameProps) {
  const { id: org } = useOrganization();
  const { data: types } = useQuery(deviceTypesQuery(org));
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(name ?? '');
  // Back and forward change the address under us.
  useEffect(() => setText(name ?? ''), [name]);
  useHotkeys([['/', () => input.current?.focus()]]);
  const known = new Set([
    ...(types ?? []).flatMap((type) => type.commands.map((command) => command.name)),
    ...commands.map((command) => command.name),
  ]);
  const find = (sought: string) => {
    if (sought.trim() !== (name ?? '')) onFind(sought.trim() || undefined);
  };
  return (
    <Autocomplete
      ref={input}
      className={classes.name}
      aria-label="Command name"
      aria-keyshortcuts="/"
      placeholder="Command name"
      leftSection={<IconSearch size={16} />}
      data={[...known].sort((a, b) => a.localeCompare(b))}
      limit={20}
      maxLength={100}
      clearable
      clearButtonProps={{ 'aria-label': 'All names' }}
      spellCheck={false}
      autoCapitalize="none"
      value={text}
      onChange={(changed) => {
        setText(changed);
        if (changed === '') find('');
      }}
      onOptionSubmit={find}
      onBlur={() => find(text)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') find(text);
      }}
    />
  );
}
