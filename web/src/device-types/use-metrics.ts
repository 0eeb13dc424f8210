import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { deviceTypesQuery } from '../api/command-queries.ts';
import { type Metrics, metricsOf } from '../format/metric.ts';
import { useOrganization } from '../session/session.ts';

/** What the values of a device of this type are called; null for one of none. */
export function useMetrics(deviceTypeId: string | null): Metrics {
  const { id: org } = useOrganization();
  const { data: types } = useQuery({ ...deviceTypesQuery(org), enabled: deviceTypeId !== null });
  const type = types?.find(({ id }) => id === deviceTypeId);
  return useMemo(() => metricsOf(type), [type]);
}
