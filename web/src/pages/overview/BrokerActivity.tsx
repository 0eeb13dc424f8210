import { Skeleton } from '@mantine/core';
import { ActivityList } from '../../components/ActivityList.tsx';
import { AnchorLink } from '../../components/links.tsx';
import { Panel } from '../../components/Page.tsx';
import { useActivity } from '../../components/use-activity.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';

const shown = 6;

/** What happened last at the broker: who came, who went, who was refused. */
export function BrokerActivity() {
  const { id: org } = useOrganization();
  const { items } = useActivity(org, { limit: shown });
  if (items?.length === 0) return null;
  const all = (
    <AnchorLink to={paths.credentials} params={{ org }} size="sm">
      Credentials
    </AnchorLink>
  );
  return (
    <Panel title="Latest at the broker" actions={all} flush>
      {items ? <ActivityList items={items} /> : <Skeleton height={shown * 58} radius={0} />}
    </Panel>
  );
}
