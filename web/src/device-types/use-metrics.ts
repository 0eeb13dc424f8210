import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { deviceTypesQuery } from '../api/command-queries.ts';
import { type Metrics, metricsOf } from '../format/metric.ts';
import { useOrganization } from '../session/session.ts';

/** What the values of a device of this type are called; null for one of none. */
export function useMetrics(deviceTypeId: string | null): Metrics {
  const ofType = useMetricsByType(deviceTypeId !== null);
  return useMemo(() => ofType(deviceTypeId), [ofType, deviceTypeId]);
}

/** The same for devices of several types. @param enabled false where none has one */
export function useMetricsByType(enabled: boolean): (deviceTypeId: string | null) => Metrics {
  const { id: org } = useOrganization();
  const { data: types } = useQuery({ ...deviceTypesQuery(org), enabled });
  return useCallback((deviceTypeId) => metricsOf(types?.find(({ id }) => id === deviceTypeId)), [types]);
}
