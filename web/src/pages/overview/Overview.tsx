import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { IconPlugConnected } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { Page } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import { FirstSteps } from './FirstSteps.tsx';
import { Health } from './Health.tsx';
import classes from './Overview.module.css';
import { PresenceTiles } from './PresenceTiles.tsx';
import { QuarantineTile } from './QuarantineTile.tsx';
import { Traffic } from './Traffic.tsx';

/** Whether all is well, at a glance; and where to look when it isn't. */
export function Overview() {
  const organization = useOrganization();
  const org = organization.id;
  const { data, error, refetch } = useQuery(overviewQuery(org));
  const connect = (
    <ButtonLink to={paths.connect} params={{ org }} leftSection={<IconPlugConnected size={17} />}>
      Connect a device
    </ButtonLink>
  );
  const empty = data?.devices.total === 0;
  return (
    <Page title="Overview" description={organization.name} actions={empty ? undefined : connect}>
      {error && <Failure what="The overview could not be read" error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && empty && <FirstSteps />}
      {data && (
        <>
          {!empty && <PresenceTiles devices={data.devices} />}
          <div className={classes['columns']}>
            <Traffic traffic={data.traffic} perSecond={data.messages_per_second} />
            <div className={classes['stack']}>
              <QuarantineTile count={data.quarantined} />
              <Health overview={data} />
            </div>
          </div>
        </>
      )}
    </Page>
  );
}

/** As tall as what comes, so that nothing jumps. */
function Waiting() {
  return (
    <>
      <div className={classes['tiles']}>
        {[1, 2, 3, 4].map((tile) => (
          <Skeleton key={tile} height={104} radius={10} />
        ))}
      </div>
      <div className={classes['columns']}>
        <Skeleton height={300} radius={10} />
        <Skeleton height={300} radius={10} />
      </div>
    </>
  );
}
