import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { deviceTypesQuery } from '../../api/command-queries.ts';
import { Failure } from '../../components/Failure.tsx';
import { IconChevronLeft } from '../../components/icons.ts';
import { AnchorLink } from '../../components/links.tsx';
import { Notice } from '../../components/Notice.tsx';
import { Page } from '../../components/Page.tsx';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './DeviceTypes.module.css';
import { TypeEditor } from './TypeEditor.tsx';

export function NewDeviceType() {
  return (
    <Around title="New device type">
      <TypeEditor />
    </Around>
  );
}

/** One type, to change. */
export function DeviceType() {
  const { id: org } = useOrganization();
  const { type: id } = useParams({ from: paths.deviceType });
  const query = useQuery(deviceTypesQuery(org));
  const type = query.data?.find((one) => one.id === id);
  return (
    <Around title={type?.name ?? 'Device type'}>
      {query.error && (
        <Failure
          what="The device type could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {!query.data && !query.error && <Skeleton height={320} radius={10} />}
      {query.data && !type && (
        <Notice kind="info" title="This device type is gone">
          Somebody has deleted it. Its devices are of no type now.
        </Notice>
      )}
      {type && <TypeEditor key={type.id} type={type} />}
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
        <AnchorLink to={paths.deviceTypes} params={{ org }} className={classes.back} size="sm">
          <IconChevronLeft size={16} aria-hidden /> Device types
        </AnchorLink>
      }
    >
      {allowed ? (
        children
      ) : (
        <Notice kind="info" title="You can’t change device types">
          {why}
        </Notice>
      )}
    </Page>
  );
}
