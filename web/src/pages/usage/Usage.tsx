import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../../api/queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page, Panel } from '../../components/Page.tsx';
import { useOrganization } from '../../session/session.ts';
import { LimitNotice } from '../../usage/LimitNotice.tsx';
import { LimitRow } from './LimitRow.tsx';
import classes from './Usage.module.css';

/** What the organization uses of what it may, as it changes. */
export function Usage() {
  const { id: org } = useOrganization();
  const { data: usage, error, refetch } = useQuery(usageQuery(org));
  return (
    <Page title="Usage" description="What this organization uses now of what its plan allows.">
      {error && <Failure what="The usage could not be read" error={error} onRetry={() => void refetch()} />}
      {!usage && !error && <Skeleton height={560} radius={10} />}
      {usage && (
        <>
          <LimitNotice limits={usage.limits} />
          {usage.limits.every(({ limit }) => limit === null) && (
            <Notice kind="info" title="No limits are set">
              This organization may use as much as the platform can carry. Whoever runs the platform can give
              it a plan with limits.
            </Notice>
          )}
          <Panel title={`Plan ${usage.plan}`} flush>
            <ul className={classes.limits} aria-label="Limits">
              {usage.limits.map((limit) => (
                <LimitRow key={limit.name} limit={limit} />
              ))}
            </ul>
          </Panel>
        </>
      )}
    </Page>
  );
}
