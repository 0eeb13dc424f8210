import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { activityQuery } from '../../api/queries.ts';
import { ActivityList } from '../../components/ActivityList.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity } from '../../components/icons.ts';
import { Panel } from '../../components/Page.tsx';
import { ShowMore } from '../../components/ShowMore.tsx';
import { useOrganization } from '../../session/session.ts';
import classes from './Integration.module.css';

const first = 10;
/** As many as one answer of the API holds. */
const most = 500;

/** Connects, disconnects and refusals of one integration; new ones as they come. */
export function IntegrationActivity({ integration }: { integration: string }) {
  const { id: org } = useOrganization();
  const [limit, setLimit] = useState(first);
  const { data: items, error } = useQuery({
    ...activityQuery(org, { integration, limit }),
    // A longer list begins with the shorter one, which stays until it is there.
    placeholderData: (before) => before,
  });
  return (
    <Panel title="Activity" flush>
      {error && (
        <div className={classes.inset}>
          <Failure what="The activity could not be read" error={error} />
        </div>
      )}
      {!items && !error && <Skeleton height={3 * 58} radius={0} />}
      {items?.length === 0 && (
        <Empty icon={IconActivity} title="Nothing yet">
          Connections and refusals appear here as they happen, each with its reason and what to do about it.
        </Empty>
      )}
      {items && items.length > 0 && <ActivityList items={items} />}
      {items && items.length >= limit && limit < most && (
        <ShowMore onShow={() => setLimit(limit < 100 ? 100 : most)}>Show earlier activity</ShowMore>
      )}
    </Panel>
  );
}
