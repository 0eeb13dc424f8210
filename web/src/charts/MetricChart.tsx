import { type ReactNode, useMemo } from 'react';
import { useOrganization } from '../session/session.ts';
import type { Band } from './Annotations.tsx';
import { Chart, Reading } from './Chart.tsx';
import { useChartColors } from './colors.ts';
import { Crosshair } from './crosshair.ts';
import classes from './MetricChart.module.css';
import type { Mark } from './marks.ts';
import type { Series } from './series.ts';
import type { Range } from './use-range.ts';
import { bucketOf, linesOf } from './use-telemetry.ts';
import { useTiles } from './use-tiles.ts';

interface Props {
  /** Its id. */
  device: string;
  /** The device's usual distance between reports; 0 where it is not known. */
  usualMs: number;
  metric: string;
  label: string;
  unit: string;
  range: Range;
  /** The width it has; 0 while that is not known. */
  pixels: number;
  bands: readonly Band[];
  onFailure: (error: Error, retry: () => void) => ReactNode;
}

const none: Mark[] = [];
const nothing: Series = { times: [], values: [], min: [], max: [] };

/** One metric of one device alone on its chart, with what held meanwhile. */
export function MetricChart(props: Props) {
  const { device, usualMs, metric, label, unit, range, pixels, bands, onFailure } = props;
  const { id: org } = useOrganization();
  const sources = useMemo(() => [{ org, device, metrics: [metric] }], [org, device, metric]);
  const { shown, isReading, error, retry } = useTiles({
    sources,
    span: range.span,
    pixels,
    moving: range.moving,
  });
  const { accent } = useChartColors();
  const crosshair = useMemo(() => new Crosshair(), []);
  const series = useMemo(
    () => linesOf(shown[0]!.pieces, usualMs, bucketOf(shown)).get(metric) ?? nothing,
    [shown, usualMs, metric],
  );
  const lines = useMemo(() => [{ series, color: accent }], [series, accent]);
  return (
    <>
      {error && onFailure(error, retry)}
      <div className={classes.head}>
        <span className={classes.name} title={metric}>
          {label}
        </span>
        <Reading series={series} unit={unit} marks={none} span={range.span} crosshair={crosshair} />
      </div>
      <Chart
        label={`${label} over time`}
        unit={unit}
        lines={lines}
        marks={none}
        bands={bands}
        range={range}
        crosshair={crosshair}
        height={220}
        note={series.times.length === 0 && !isReading ? 'No readings in this time' : undefined}
      />
    </>
  );
}
