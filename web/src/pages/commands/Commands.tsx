import { Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { commandsQuery } from '../../api/command-queries.ts';
import { askedBy } from '../../commands/states.ts';
import { Failure } from '../../components/Failure.tsx';
import { Page } from '../../components/Page.tsx';
import { plural } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { CommandFilters } from './CommandFilters.tsx';
import { CommandRows } from './CommandRows.tsx';
import classes from './Commands.module.css';
import { NoCommands, NoMatch } from './NoCommands.tsx';

/** What was asked of all devices, and what became of it; what it is narrowed to stands in the address. */
export function Commands() {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.commands });
  const query = useInfiniteQuery({
    ...commandsQuery(org, askedBy(search)),
    placeholderData: (before) => before,
  });
  const commands = query.data?.pages.flatMap((page) => page.items);
  const filtered = Boolean(search.state ?? search.device ?? search.name);
  const nothingYet = commands?.length === 0 && !filtered && !query.isPlaceholderData;
  return (
    <Page title="Commands" description="What was asked of devices, and what became of it.">
      {!nothingYet && <CommandFilters search={search} commands={commands ?? []} />}
      {query.error && (
        <Failure
          what="The commands could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <div className={classes.surface} aria-busy={query.isPlaceholderData}>
        {!commands && !query.error && <Waiting />}
        {nothingYet && <NoCommands />}
        {commands?.length === 0 && filtered && <NoMatch search={search} />}
        {commands && commands.length > 0 && (
          <CommandRows
            key={JSON.stringify(search)}
            commands={commands}
            more={query.hasNextPage}
            onMore={() => {
              if (!query.isFetchingNextPage) void query.fetchNextPage();
            }}
          />
        )}
      </div>
      <p className="visually-hidden" role="status">
        {commands && filtered
          ? `${plural(commands.length, 'command')}${query.hasNextPage ? ' and more' : ''} match`
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
