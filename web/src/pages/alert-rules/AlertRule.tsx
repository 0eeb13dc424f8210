import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { alertRulesQuery } from '../../api/alert-queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { IconChevronLeft } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './AlertRules.module.css';
import { RuleEditor } from './RuleEditor.tsx';

export function NewAlertRule() {
  const { metric, device } = useSearch({ from: paths.newAlertRule });
  return (
    <Around title="New rule">
      <RuleEditor begin={{ metric, device }} />
    </Around>
  );
}

/** One rule, to change. */
export function AlertRule() {
  const { id: org } = useOrganization();
  const { rule: id } = useParams({ from: paths.alertRule });
  const query = useQuery(alertRulesQuery(org));
  const rule = query.data?.find((one) => one.id === id);
  return (
    <Around title={rule?.name ?? 'Rule'}>
      {query.error && (
        <Failure what="The rule could not be read" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {!query.data && !query.error && <Skeleton height={320} radius={10} />}
      {query.data && !rule && (
        <Notice kind="info" title="This rule is gone">
          Somebody has deleted it. What it has found is still in the inbox.
        </Notice>
      )}
      {rule && <RuleEditor key={rule.id} rule={rule} />}
    </Around>
  );
}

function Around({ title, children }: { title: string; children: ReactNode }) {
  const { id: org } = useOrganization();
  const { allowed, why } = usePermission('member');
  return (
    <Page
      title={title}
      above={
        <AnchorLink to={paths.alertRules} params={{ org }} className={classes.back} size="sm">
          <IconChevronLeft size={16} aria-hidden /> Alert rules
        </AnchorLink>
      }
    >
      {allowed ? (
        children
      ) : (
        <Notice kind="info" title="You can’t change rules">
          {why}
        </Notice>
      )}
    </Page>
  );
}
