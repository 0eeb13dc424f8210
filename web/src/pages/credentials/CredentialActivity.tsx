import { Select, Skeleton } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Credential } from '../../api/types.ts';
import { ActivityList } from '../../components/ActivityList.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { useActivity } from '../../components/use-activity.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Credentials.module.css';
import { nameOf } from './state.ts';

const step = 20;
/** As many as one answer of the API holds. */
const most = 500;

/** Connects, disconnects and refusals, of all credentials or of the one in the address; new ones as they come. */
export function CredentialActivity({ credentials }: { credentials: Credential[] }) {
  const { id: org } = useOrganization();
  const { activity: credential } = useSearch({ from: paths.credentials });
  const navigate = useNavigate({ from: paths.credentials });
  const [limit, setLimit] = useState(step);
  const { items, error } = useActivity(org, { credential, limit });
  const known = new Map(credentials.map((one) => [one.id, one]));
  const choices = credentials.map(({ id, label, username }) => ({
    value: id,
    label: label ? `${label} · ${username}` : username,
  }));
  const filter = (
    <Select
      size="xs"
      className={classes.filter}
      aria-label="Activity of"
      searchable
      nothingFoundMessage="No such credential"
      value={credential ?? ''}
      allowDeselect={false}
      data={[{ value: '', label: 'All credentials' }, ...choices]}
      onChange={(id) => {
        setLimit(step);
        void navigate({
          to: '.',
          search: (before) => ({ ...before, activity: id || undefined }),
          resetScroll: false,
        });
      }}
    />
  );
  return (
    <Panel title="Activity" actions={filter} flush>
      {error && (
        <div className={classes.inset}>
          <Failure what="The activity could not be read" error={error} />
        </div>
      )}
      {!items && !error && <Skeleton height={5 * 58} radius={0} />}
      {items?.length === 0 && (
        <Empty icon={IconActivity} title={credential ? 'Nobody has connected with it yet' : 'Nothing yet'}>
          Connections, goodbyes and refusals appear here as they happen, each with its reason and what to do
          about it.
        </Empty>
      )}
      {items && items.length > 0 && (
        <ActivityList
          items={items}
          nameOf={({ credential_id, username }) => {
            const of = known.get(credential_id ?? '');
            return of ? nameOf(of) : (username ?? 'No user name');
          }}
        />
      )}
      {items && items.length >= limit && limit < most && (
        <ShowMore onShow={() => setLimit(Math.min(most, limit < 100 ? 100 : limit * 2))}>
          Show earlier activity
        </ShowMore>
      )}
      {items && items.length >= limit && limit >= most && (
        <p className={classes.end}>The latest {most}. Earlier ones can be had through the API.</p>
      )}
    </Panel>
  );
}
