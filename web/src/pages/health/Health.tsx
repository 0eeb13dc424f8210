import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { healthQuery } from '../../api/queries.ts';
import type { PlatformHealth } from '../../api/types.ts';
import { Failure } from '../../components/Failure.tsx';
import { BrokerPart, DatabasePart, HealthParts } from '../../components/HealthParts.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { useOrganization } from '../../session/session.ts';
import { ProcessTable } from './ProcessTable.tsx';
import { roleWords } from './role-words.ts';

/** How the platform is: its broker, its database, and the processes that it runs as. */
export function Health() {
  const { id: org } = useOrganization();
  const { data: health, error, refetch } = useQuery(healthQuery(org));
  return (
    <Page title="Platform health" description="What messages and commands pass through, and how it is now.">
      {error && (
        <Failure
          what="The platform’s health could not be read"
          error={error}
          onRetry={() => void refetch()}
        />
      )}
      {!health && !error && <Skeleton height={240} radius={10} />}
      {health && (
        <>
          <Missing roles={health.missing_roles} />
          <Panel>
            <HealthParts wide>
              <BrokerPart broker={health.broker} />
              <DatabasePart database={health.database} />
            </HealthParts>
          </Panel>
          <Panel title="Processes" flush>
            <ProcessTable processes={health.processes} />
          </Panel>
        </>
      )}
    </Page>
  );
}

function Missing({ roles }: { roles: PlatformHealth['missing_roles'] }) {
  return roles.map((role) => (
    <Notice
      key={role}
      kind={role === 'subscriber' ? 'warn' : 'bad'}
      title={`No ${role} is running`}
      role="status"
    >
      {roleWords[role].missing} Start one with <code>npm start -- {role}</code>.
    </Notice>
  ));
}
