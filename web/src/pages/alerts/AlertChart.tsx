import { useElementSize } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { bandsOf } from '../../alerts/bands.ts';
import { deviceQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Alert } from '../../api/types.ts';
import { Charts, GestureHelp } from '../../charts/Charts.tsx';
import { MetricChart } from '../../charts/MetricChart.tsx';
import { RangeBar } from '../../charts/RangeBar.tsx';
import { searchOf } from '../../charts/range.ts';
import { useRange } from '../../charts/use-range.ts';
import { Failure } from '../../components/Failure.tsx';
import { useMetrics } from '../../device-types/use-metrics.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Alert.module.css';

/** The metric that it was about, from a while before to a while after. */
export function AlertChart({ alert, device, metric }: { alert: Alert; device: string; metric: string }) {
  const { id: org } = useOrganization();
  const { opened_at, cleared_at, resolved_at } = alert;
  const around = useMemo(() => {
    const now = serverNow();
    const from = Date.parse(opened_at);
    const to = Date.parse(cleared_at ?? resolved_at ?? '') || now;
    const beside = Math.max((to - from) / 2, 1_800_000);
    return searchOf({ from: from - beside, to: Math.min(to + beside, now) }, { now });
  }, [opened_at, cleared_at, resolved_at]);
  const range = useRange(around);
  const { ref, width } = useElementSize();
  const { data: read } = useQuery(deviceQuery(org, device));
  const { label, unit } = useMetrics(read?.device_type_id ?? null)(metric);
  const bands = useMemo(() => bandsOf([alert]), [alert]);
  return (
    <Charts range={range}>
      <RangeBar range={range}>
        <GestureHelp />
      </RangeBar>
      <section ref={ref} className={classes.chart} aria-label={label}>
        <MetricChart
          device={device}
          usualMs={read?.usual_interval_ms ?? 0}
          metric={metric}
          label={label}
          unit={unit}
          range={range}
          pixels={width}
          bands={bands}
          onFailure={(error, retry) => (
            <Failure what="The readings could not be read" error={error} onRetry={retry} />
          )}
        />
      </section>
    </Charts>
  );
}
