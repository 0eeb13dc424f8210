import type { Device } from '../../api/types.ts';
import { Chart, extremesOf, inUnit, valueAt } from '../../charts/Chart.tsx';
import { useChartColors } from '../../charts/colors.ts';
import { type Crosshair, usePointedTime } from '../../charts/crosshair.ts';
import type { Mark } from '../../charts/marks.ts';
import type { Span } from '../../charts/range.ts';
import type { Series } from '../../charts/series.ts';
import type { Range } from '../../charts/use-range.ts';
import { useStable } from '../../charts/use-stable.ts';
import type { Metrics, MetricWords } from '../../format/metric.ts';
import { timeWithin } from '../../format/time.ts';
import { useLiveDevice } from '../../live/live.tsx';
import classes from './Compare.module.css';
import { Swatch } from './Swatch.tsx';

export interface ComparedLine {
  device: Device;
  /** Its place among the colours. */
  color: number;
  wordsOf: Metrics;
  byMetric: ReadonlyMap<string, Series>;
}

interface Props {
  metric: string;
  words: MetricWords;
  lines: readonly ComparedLine[];
  range: Range;
  crosshair: Crosshair;
  isReading: boolean;
}

const none: Mark[] = [];
const nothing: Series = { times: [], values: [], min: [], max: [] };

/** One metric of all devices, with what each has under the crosshair. */
export function ComparedChart({ metric, words, lines, range, crosshair, isReading }: Props) {
  const { lines: colors } = useChartColors();
  const { label, unit } = words;
  const drawn = lines.map(({ color, byMetric }) => ({
    series: byMetric.get(metric) ?? nothing,
    color: colors[color]!,
  }));
  const stable = useStable(drawn, ({ series, color }) => [series, color]);
  const isEmpty = stable.every(({ series }) => series.times.length === 0);
  return (
    <section className={classes.chart} aria-label={label}>
      <header className={classes.head}>
        <h2 className={classes.metric} title={metric}>
          {label} {unit && <span className={classes.unit}>{unit}</span>}
        </h2>
        <PointedTime crosshair={crosshair} span={range.span} />
      </header>
      <Chart
        key={lines.length}
        label={`${label} over time`}
        unit={unit}
        lines={stable}
        marks={none}
        range={range}
        crosshair={crosshair}
        height={220}
        note={isEmpty && !isReading ? 'No readings in this time' : undefined}
      />
      <ul className={classes.legend}>
        {lines.map(({ device, wordsOf }, index) => (
          <Entry
            key={device.id}
            device={device}
            metric={metric}
            unit={wordsOf(metric).unit}
            line={stable[index]!}
            span={range.span}
            crosshair={crosshair}
          />
        ))}
      </ul>
    </section>
  );
}

function PointedTime({ crosshair, span }: { crosshair: Crosshair; span: Span }) {
  const at = usePointedTime(crosshair);
  if (at === undefined)
    return <span className={classes.dim}>{span.live ? 'Now' : 'Point at the chart for values'}</span>;
  return <span className={`${classes.dim} figures`}>{timeWithin(at, span.to - span.from)}</span>;
}

interface EntryProps {
  device: Device;
  metric: string;
  unit: string;
  line: { series: Series; color: Parameters<typeof Swatch>[0]['color'] };
  span: Span;
  crosshair: Crosshair;
}

function Entry({ device: read, metric, unit, line, span, crosshair }: EntryProps) {
  const device = useLiveDevice(read);
  const at = usePointedTime(crosshair);
  const latest = device.latest[metric];
  const found = at === undefined ? undefined : valueAt(line.series, at, span);
  const now = at === undefined && span.live && latest ? inUnit(latest.value, unit) : '';
  return (
    <li className={classes.entry}>
      <Swatch color={line.color} />
      <span className={classes.of}>{device.name}</span>
      <span className={`${classes.value} figures`}>
        {found ? inUnit(found.value, unit) : at === undefined ? now : '–'}
        {found && <span className={classes.extremes}>{extremesOf(found)}</span>}
      </span>
    </li>
  );
}
