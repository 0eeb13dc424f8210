import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { figuresEvery, integrationQuery } from '../../api/queries.ts';
import type { Integration as IntegrationRead } from '../../api/types.ts';
import { Failure } from '../../components/Failure.tsx';
import { IconChevronLeft } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { isPostedTo, ways } from '../../integrations/ways.ts';
import { useRefreshOnReadings } from '../../live/use-refresh-on-readings.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import { IntegrationStateMark } from '../integrations/IntegrationStateMark.tsx';
import { SetupGuides } from '../integrations/SetupGuides.tsx';
import { Account } from './Account.tsx';
import { Actions } from './Actions.tsx';
import { Address } from './Address.tsx';
import { Broker } from './Broker.tsx';
import { Commands } from './Commands.tsx';
import { Figures } from './Figures.tsx';
import classes from './Integration.module.css';
import { IntegrationActivity } from './IntegrationActivity.tsx';
import { Receipts } from './Receipts.tsx';
import { Settings } from './Settings.tsx';
import { StatusNotice } from './StatusNotice.tsx';

/** Everything about one integration in one place. */
export function Integration() {
  const { id: org } = useOrganization();
  const { integration: id } = useParams({ from: paths.integration });
  const query = useQuery({ ...integrationQuery(org, id), refetchInterval: figuresEvery });
  useRefreshOnReadings(org, 'integration', id);
  const above = (
    <AnchorLink to={paths.integrations} params={{ org }} className={classes.back} size="sm">
      <IconChevronLeft size={16} aria-hidden /> Integrations
    </AnchorLink>
  );
  if (query.data) return <Known key={id} integration={query.data} above={above} />;
  return (
    <Page title="Integration" above={above}>
      {query.error ? (
        <Failure
          what="The integration could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <Skeleton height={320} radius={10} />
      )}
    </Page>
  );
}

function Known({ integration, above }: { integration: IntegrationRead; above: ReactNode }) {
  const { id, name, mode } = integration;
  const mayManage = usePermission('admin').allowed;
  return (
    <Page
      title={name}
      aside={<IntegrationStateMark integration={integration} />}
      description={mode ? `${ways[mode].title}.` : 'Devices connect to our hosted broker.'}
      actions={mayManage && mode && <Actions integration={integration} />}
      above={above}
    >
      <StatusNotice integration={integration} />
      <Figures integration={integration} />
      <div className={classes.columns}>
        <Settings integration={integration} />
        <div className={classes.stack}>
          {isPostedTo(mode) && <Address integration={integration} />}
          {mode === 'subscribe' && <Broker integration={integration} />}
          {(mode === 'bridge' || mode === null) && <Account integration={integration} />}
          {mode && <Commands integration={integration} />}
        </div>
      </div>
      <div className={classes.columns}>
        <IntegrationActivity integration={id} />
        <Receipts integration={id} />
      </div>
      {mayManage && mode && (
        <Panel title="Setup at your broker">
          <SetupGuides integrationId={id} />
        </Panel>
      )}
    </Page>
  );
}
