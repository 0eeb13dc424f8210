import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { Page } from '../../components/Page.tsx';
import { useOrganization } from '../../session/session.ts';
import { BrokerActivity } from './BrokerActivity.tsx';
import { FirstSteps } from './FirstSteps.tsx';
import { Health } from './Health.tsx';
import { LimitsReached } from './LimitsReached.tsx';
import classes from './Overview.module.css';
import { PresenceTiles } from './PresenceTiles.tsx';
import { QuarantineTile } from './QuarantineTile.tsx';
import { Traffic } from './Traffic.tsx';

/** Whether all is well, at a glance; and where to look when it isn't. */
export function Overview() {
  const organization = useOrganization();
  const org = organization.id;
  const { data, error, refetch } = useQuery(overviewQuery(org));
  const empty = data?.devices.total === 0;
  return (
    <Page title="Overview" description={organization.name}>
      {error && (
        <Failure what="The overview could not be read" error={error} onRetry={() => void refetch()} />
      )}
      {!data && !error && <Waiting />}
      <LimitsReached />
      {data && empty && <FirstSteps />}
      {data && (
        <>
          {!empty && <PresenceTiles devices={data.devices} />}
          <div className={classes.columns}>
            <div className={classes.traffic}>
              <Traffic traffic={data.traffic} perSecond={data.messages_per_second} />
            </div>
            <div className={classes.side}>
              <QuarantineTile count={data.quarantined} isFull={data.quarantine_full} />
              <Health overview={data} />
            </div>
            <div className={classes.activity}>
              <BrokerActivity />
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
      <div className={classes.tiles}>
        {[1, 2, 3, 4].map((tile) => (
          <Skeleton key={tile} height={122} radius={10} />
        ))}
      </div>
      <div className={classes.columns}>
        <Skeleton height={337} radius={10} className={classes.traffic} />
        <Skeleton height={337} radius={10} className={classes.side} />
      </div>
    </>
  );
}
