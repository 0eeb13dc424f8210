import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { deviceCommandsQuery } from '../../api/command-queries.ts';
import type { Command, Device } from '../../api/types.ts';
import { Chart } from '../../charts/Chart.tsx';
import { Crosshair } from '../../charts/crosshair.ts';
import type { Mark } from '../../charts/marks.ts';
import { defaultRange, type RangeName, rangeMs, ranges, spanOf } from '../../charts/range.ts';
import { StateStrips } from '../../charts/StateStrips.tsx';
import type { Series } from '../../charts/series.ts';
import { useTelemetry } from '../../charts/use-telemetry.ts';
import { Ago } from '../../components/Ago.tsx';
import { Changing } from '../../components/Changing.tsx';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity, IconPlugConnected, IconZoomReset } from '../../components/icons.ts';
import { ButtonLink } from '../../components/links.tsx';
import { useNow } from '../../components/use-now.ts';
import { exactTime } from '../../format/time.ts';
import { unitOf } from '../../format/unit.ts';
import { formatValue } from '../../format/value.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Device.module.css';

const resolutionWords = { raw: 'Every reading', '1m': 'By minute', '1h': 'By hour', '1d': 'By day' } as const;

const none: Mark[] = [];

/** When commands were asked for. */
function marksOf({ items }: { items: Command[] }): Mark[] {
  return items.map(({ name, created_at }) => ({ at: Date.parse(created_at), label: name }));
}

/** Each metric with its latest value and its course; all over the same time, which stands in the address. */
export function DeviceCharts({ device }: { device: Device }) {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.device });
  const navigate = useNavigate({ from: paths.device });
  const now = useNow();
  const span = spanOf(search, now);
  const asked = useMemo(
    () =>
      search.from !== undefined && search.to !== undefined
        ? { from: search.from, to: search.to }
        : { last: rangeMs({ range: search.range }) },
    [search.from, search.to, search.range],
  );
  const { series, states, isCut, resolution, query } = useTelemetry({ org, device, span: asked });
  const { data: marks = none } = useQuery({ ...deviceCommandsQuery(org, device.id), select: marksOf });
  const crosshair = useMemo(() => new Crosshair(), []);
  const isNumber = (metric: string) => typeof device.latest[metric]?.value === 'number';
  // By name, so that each stays in its place.
  const known = [
    ...new Set([...Object.keys(device.latest), ...(series?.keys() ?? []), ...states.keys()]),
  ].sort();
  const ofStates = known.filter((metric) => states.has(metric) || !(isNumber(metric) || series?.has(metric)));
  const numbers = known.filter((metric) => !ofStates.includes(metric));
  if (known.length === 0) return <NoReadings device={device} />;

  const setRange = (range: RangeName) => void navigate({ to: '.', search: { range } });
  const reset = () => void navigate({ to: '.', search: { range: search.range } });
  const zoom = (from: number, to: number) =>
    void navigate({ to: '.', search: { range: search.range, from: Math.round(from), to: Math.round(to) } });
  return (
    <>
      <div className={classes.toolbar}>
        <SegmentedControl
          size="xs"
          aria-label="Time range"
          value={span.live ? (search.range ?? defaultRange) : ''}
          onChange={(value) => setRange(value as RangeName)}
          data={ranges.map(({ name, label }) => ({ value: name, label }))}
        />
        <span className={classes.hint}>
          {span.live ? (
            <>{resolution && resolutionWords[resolution]} · drag to zoom</>
          ) : (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconZoomReset size={14} />}
              onClick={reset}
            >
              Back to live
            </Button>
          )}
        </span>
      </div>
      {query.error && (
        <Failure
          what="The readings could not be read"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {numbers.length > 0 && (
        <div className={classes.metrics}>
          {numbers.map((metric) => (
            <section key={metric} className={classes.metric} aria-label={metric}>
              <Latest metric={metric} latest={device.latest[metric]} />
              <Course
                metric={metric}
                series={series?.get(metric)}
                marks={marks}
                span={span}
                crosshair={crosshair}
                onZoom={zoom}
                onReset={reset}
              />
            </section>
          ))}
        </div>
      )}
      {ofStates.length > 0 && (
        <StateStrips
          metrics={ofStates}
          states={states}
          latest={device.latest}
          span={span}
          crosshair={crosshair}
          isCut={isCut}
        />
      )}
    </>
  );
}

function Latest({ metric, latest }: { metric: string; latest: Device['latest'][string] | undefined }) {
  return (
    <div className={classes.latest}>
      <div>
        <div className={classes.name}>{metric}</div>
        <Changing of={latest?.value} className={classes.figure}>
          {latest ? formatValue(latest.value) : 'none yet'}
          {latest && unitOf(metric) && <span className={classes.unit}> {unitOf(metric)}</span>}
        </Changing>
      </div>
      {latest && (
        <span className={classes.when} title={exactTime(latest.recorded_at)}>
          <Ago at={latest.recorded_at} />
        </span>
      )}
    </div>
  );
}

interface CourseProps {
  metric: string;
  series: Series | undefined;
  marks: readonly Mark[];
  span: ReturnType<typeof spanOf>;
  crosshair: Crosshair;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

function Course({ metric, series, marks, span, crosshair, onZoom, onReset }: CourseProps) {
  const isEmpty = !series?.times.some((time) => time * 1000 >= span.from && time * 1000 <= span.to);
  if (isEmpty || !series) {
    return <div className={classes.nothing}>No readings in this time</div>;
  }
  return (
    <Chart
      metric={metric}
      unit={unitOf(metric)}
      series={series}
      marks={marks}
      span={span}
      crosshair={crosshair}
      onZoom={onZoom}
      onReset={onReset}
    />
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
