import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { figuresEvery, integrationsQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { GatedButton } from '../../components/GatedButton.tsx';
import { IconPlus } from '../../components/icons.ts';
import { Page, Panel } from '../../components/Page.tsx';
import { useRefreshOnReadings } from '../../live/use-refresh-on-readings.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { IntegrationTable } from './IntegrationTable.tsx';

/** Every way by which messages reach the organization, and how each stands. */
export function Integrations() {
  const { id: org } = useOrganization();
  const navigate = useNavigate();
  const query = useQuery({ ...integrationsQuery(org), refetchInterval: figuresEvery, staleTime: 0 });
  useRefreshOnReadings(org, 'integrations');
  const { data: integrations, error } = query;
  return (
    <Page
      title="Integrations"
      description="How messages reach you: by our hosted broker, and from brokers of your own."
      actions={
        <GatedButton
          needs="admin"
          leftSection={<IconPlus size={17} />}
          onClick={() => void navigate({ to: paths.newIntegration, params: { org } })}
        >
          Connect your own broker
        </GatedButton>
      }
    >
      {error && (
        <Failure
          what="The integrations could not be read"
          error={error}
          onRetry={() => void query.refetch()}
        />
      )}
      <Panel flush>
        {!integrations && !error && <Skeleton height={106} radius={10} />}
        {integrations && <IntegrationTable integrations={integrations} />}
      </Panel>
    </Page>
  );
}
