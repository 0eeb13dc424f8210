import { useElementSize } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { alertsOf, bandsOf } from '../../alerts/bands.ts';
import { deviceAlertsQuery } from '../../api/alert-queries.ts';
import { deviceCommandsQuery } from '../../api/command-queries.ts';
import type { Alert, Command, Device } from '../../api/types.ts';
import { Chart, Reading } from '../../charts/Chart.tsx';
import { Charts, GestureHelp } from '../../charts/Charts.tsx';
import { useChartColors } from '../../charts/colors.ts';
import { Crosshair } from '../../charts/crosshair.ts';
import type { Mark } from '../../charts/marks.ts';
import { RangeBar } from '../../charts/RangeBar.tsx';
import type { Span } from '../../charts/range.ts';
import { StateStrips } from '../../charts/StateStrips.tsx';
import { firstFrom, type Series } from '../../charts/series.ts';
import { tilesOf } from '../../charts/tiles.ts';
import { type Range, useRange } from '../../charts/use-range.ts';
import { useTelemetry } from '../../charts/use-telemetry.ts';
import { Ago } from '../../components/Ago.tsx';
import { Changing } from '../../components/Changing.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity, IconBell, IconPlugConnected } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { useMetrics } from '../../device-types/use-metrics.ts';
import type { MetricWords } from '../../format/metric.ts';
import { exactTime } from '../../format/time.ts';
import { formatValue } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization, usePermission } from '../../session/session.ts';
import classes from './Device.module.css';

const none: Mark[] = [];
const nothing: Series = { times: [], values: [], min: [], max: [] };

/** When commands were asked for. */
function marksOf({ items }: { items: Command[] }): Mark[] {
  return items.map(({ name, created_at }) => ({ at: Date.parse(created_at), label: name }));
}

/** Each metric with its latest value and its course; all over the same time, which stands in the address. */
export function DeviceCharts({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const range = useRange();
  const { span, moving } = range;
  const { ref, width } = useElementSize();
  const pixels = width / columnsIn(width);
  const { series, states, isCut, resolution, error, retry, isReading } = useTelemetry({
    org,
    device,
    span,
    pixels,
    moving,
  });
  const { data: marks = none } = useQuery({ ...deviceCommandsQuery(org, device.id), select: marksOf });
  const alerts = useAlerts(device.id, span);
  const crosshair = useMemo(() => new Crosshair(), []);
  const mayWatch = usePermission('member').allowed;
  const wordsOf = useMetrics(device.device_type_id);
  const isNumber = (metric: string) => typeof device.latest[metric]?.value === 'number';
  // By name, so that each stays in its place.
  const known = [...new Set([...Object.keys(device.latest), ...series.keys(), ...states.keys()])].sort();
  const ofStates = known.filter((metric) => states.has(metric) || !(isNumber(metric) || series.has(metric)));
  const numbers = known.filter((metric) => !ofStates.includes(metric));
  if (known.length === 0) return <NoReadings device={device} />;

  return (
    <Charts range={range}>
      <RangeBar range={range}>
        {resolution} · <GestureHelp />
      </RangeBar>
      {error && <Failure what="The readings could not be read" error={error} onRetry={retry} />}
      <div ref={ref} className={classes.metrics}>
        {numbers.map((metric) => (
          <section key={metric} className={classes.metric} aria-label={wordsOf(metric).label}>
            <Course
              words={wordsOf(metric)}
              watch={
                mayWatch && <WatchLink device={device.id} metric={metric} label={wordsOf(metric).label} />
              }
              name={metric}
              latest={device.latest[metric]}
              series={series.get(metric)}
              marks={marks}
              alerts={alerts}
              range={range}
              crosshair={crosshair}
              isReading={isReading}
            />
          </section>
        ))}
      </div>
      {ofStates.length > 0 && (
        <StateStrips
          metrics={ofStates}
          states={states}
          wordsOf={wordsOf}
          // Those of the device as a whole stand on its charts; where it has none, here.
          bandsOf={(metric) =>
            bandsOf(alerts.filter((alert) => alert.metric === metric || numbers.length === 0))
          }
          latest={device.latest}
          span={span}
          crosshair={crosshair}
          isCut={isCut}
        />
      )}
    </Charts>
  );
}

function WatchLink({ device, metric, label }: { device: string; metric: string; label: string }) {
  const { id: org } = useOrganization();
  const words = `New alert rule for ${label}`;
  return (
    <Link
      to={paths.newAlertRule}
      params={{ org }}
      search={{ device, metric }}
      className={classes.watch}
      title={words}
      aria-label={words}
    >
      <IconBell size={15} stroke={1.8} aria-hidden />
    </Link>
  );
}

/** Alerts that held at some time of what is shown: asked for by tiles, as readings are. */
function useAlerts(device: string, span: Span): readonly Alert[] {
  const { id: org } = useOrganization();
  const tiles = tilesOf(span, 1);
  const asked = { from: tiles[0]!.from, to: tiles.at(-1)!.to };
  const { data = noAlerts } = useQuery({
    ...deviceAlertsQuery(org, device, asked),
    placeholderData: (before) => before,
  });
  return data;
}

const noAlerts: Alert[] = [];

/** How many charts the stylesheet puts side by side. */
function columnsIn(width: number): number {
  return Math.max(Math.floor((width + 12) / (420 + 12)), 1);
}

interface CourseProps {
  /** What leads to a rule about it. */
  watch: ReactNode;
  words: MetricWords;
  /** Its key in telemetry. */
  name: string;
  latest: Device['latest'][string] | undefined;
  series: Series | undefined;
  marks: readonly Mark[];
  alerts: readonly Alert[];
  range: Range;
  crosshair: Crosshair;
  isReading: boolean;
}

function Course({
  watch,
  words,
  name,
  latest,
  series = nothing,
  marks,
  alerts,
  range,
  crosshair,
  isReading,
}: CourseProps) {
  const { span } = range;
  const { label, unit } = words;
  const { accent } = useChartColors();
  const bands = useMemo(() => bandsOf(alertsOf(alerts, name)), [alerts, name]);
  const lines = useMemo(() => [{ series, color: accent }], [series, accent]);
  const first = series.times[firstFrom(series.times, span.from / 1000)];
  const isEmpty = first === undefined || first > span.to / 1000;
  return (
    <>
      <div className={classes.head}>
        <span className={classes.name} title={name}>
          {label}
        </span>
        {latest && (
          <span className={classes.when} title={exactTime(latest.recorded_at)}>
            <Ago at={latest.recorded_at} />
          </span>
        )}
        {watch}
      </div>
      <div className={classes.latest}>
        <Changing of={latest?.value} className={classes.figure}>
          {latest ? formatValue(latest.value) : 'none yet'}
          {latest && unit && <span className={classes.unit}> {unit}</span>}
        </Changing>
        <Reading series={series} unit={unit} marks={marks} span={span} crosshair={crosshair} />
      </div>
      <Chart
        label={`${label} over time`}
        unit={unit}
        lines={lines}
        marks={marks}
        bands={bands}
        range={range}
        crosshair={crosshair}
        note={isEmpty && !isReading ? 'No readings in this time' : undefined}
      />
    </>
  );
}

function NoReadings({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  return (
    <Empty
      icon={IconActivity}
      title="No readings yet"
      action={
        <ButtonLink
          to={paths.connect}
          params={{ org }}
          search={{ device: device.external_device_id }}
          leftSection={<IconPlugConnected size={17} />}
        >
          Connect this device
        </ButtonLink>
      }
    >
      Charts appear with the first message on its telemetry topic.
    </Empty>
  );
}
