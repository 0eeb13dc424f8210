import { Button, Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Credential } from '../../api/types.ts';
import { ActivityList } from '../../components/ActivityList.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { useActivity } from '../../components/use-activity.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { nameOf } from './state.ts';

const step = 20;
/** As many as one answer of the API holds. */
const most = 500;

/** Connects, disconnects and refusals, of all credentials or of the one in the address. */
export function BrokerActivity({ credentials }: { credentials: Credential[] }) {
  const { id: org } = useOrganization();
  const { activity: credential } = useSearch({ from: paths.credentials });
  const navigate = useNavigate({ from: paths.credentials });
  const [limit, setLimit] = useState(step);
  const { items, error } = useActivity(org, { credential, limit, every: 10_000 });
  const names = new Map(credentials.map((one) => [one.id, nameOf(one)]));
  const filter = (
    <Select
      size="xs"
      w={190}
      aria-label="Credential"
      placeholder="All credentials"
      clearable
      searchable
      value={credential ?? null}
      data={credentials.map(({ id }) => ({ value: id, label: names.get(id) ?? id }))}
      onChange={(id) => void navigate({ to: '.', search: { activity: id ?? undefined }, replace: true })}
    />
  );
  return (
    <Panel title="Activity" actions={filter} flush>
      {error && <Failure what="The activity could not be read" error={error} />}
      {items?.length === 0 && (
        <Empty icon={IconActivity} title="Nothing yet">
          Connections, goodbyes and refusals are listed here, each with its reason.
        </Empty>
      )}
      {items && (
        <ActivityList
          items={items}
          nameOf={(entry) => names.get(entry.credential_id ?? '') ?? entry.username ?? 'unknown'}
        />
      )}
      {items?.length === limit && limit < most && (
        <Button
          variant="subtle"
          size="compact-sm"
          m="sm"
          onClick={() => setLimit(Math.min(most, limit + 4 * step))}
        >
          Show more
        </Button>
      )}
    </Panel>
  );
}
