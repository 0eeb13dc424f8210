import { useElementSize } from '@mantine/hooks';
import { useQueries } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { deviceQuery } from '../../api/queries.ts';
import type { Device } from '../../api/types.ts';
import { Charts, GestureHelp } from '../../charts/Charts.tsx';
import { type CompareSearch, chosenMetrics, metricsOf, mostCharts, toggled } from '../../charts/compare.ts';
import { Crosshair } from '../../charts/crosshair.ts';
import { RangeBar } from '../../charts/RangeBar.tsx';
import type { Series } from '../../charts/series.ts';
import { useRange } from '../../charts/use-range.ts';
import { bucketOf, linesOf, resolutionInWords } from '../../charts/use-telemetry.ts';
import { type Shown, useTiles } from '../../charts/use-tiles.ts';
import { Empty } from '../../components/Empty.tsx';
import { Failure } from '../../components/Failure.tsx';
import { IconActivity, IconChevronLeft, IconCpu } from '../../components/icons.ts';
import { AnchorLink, ButtonLink } from '../../components/links.tsx';
import { Page } from '../../components/Page.tsx';
import { useMetricsByType } from '../../device-types/use-metrics.ts';
import type { Metrics, MetricWords } from '../../format/metric.ts';
import { paths } from '../../paths.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './Compare.module.css';
import { ComparedChart } from './ComparedChart.tsx';
import { ComparedDevices } from './ComparedDevices.tsx';

/** Several devices on the same charts, one a metric; all of it stands in the address. */
export function Compare() {
  const { id: org } = useOrganization();
  const search = useSearch({ from: paths.compare });
  const navigate = useNavigate({ from: paths.compare });
  const change = (changed: CompareSearch) =>
    void navigate({ to: '.', search: (before) => ({ ...before, ...changed }), resetScroll: false });
  const ids = search.devices ?? none;
  const queries = useQueries({ queries: ids.map((id) => deviceQuery(org, id)) });
  const devices = queries.flatMap(({ data }) => data ?? []);
  const isRead = queries.every(({ isPending }) => !isPending);
  const known = metricsOf(devices);
  const metrics = chosenMetrics(search.metrics, known);
  const ofType = useMetricsByType(devices.some(({ device_type_id }) => device_type_id !== null));
  return (
    <Page
      title="Compare"
      description="One chart a metric, a line for each device. Share the address to share what you see."
      above={
        <AnchorLink to={paths.devices} params={{ org }} className={classes.back} size="sm">
          <IconChevronLeft size={16} aria-hidden /> Devices
        </AnchorLink>
      }
    >
      <ComparedDevices
        ids={ids}
        devices={new Map(devices.map((device) => [device.id, device]))}
        isRead={isRead}
        onChange={(next) => change({ devices: next })}
      />
      {ids.length === 0 && <NoneChosen />}
      {known.length > 0 && (
        <MetricChoice
          known={known}
          chosen={metrics}
          of={devices.length}
          labelOf={(name) => wordsFor(devices, ofType, name).label}
          onToggle={(name) => change({ metrics: toggled(metrics, name, mostCharts) })}
        />
      )}
      {ids.length > 0 && isRead && known.length === 0 && (
        <Empty icon={IconActivity} title="No numbers yet">
          Charts appear when one of these devices has sent a number.
        </Empty>
      )}
      {metrics.length > 0 && devices.length > 0 && (
        <ComparedCharts devices={devices} colors={ids} metrics={metrics} ofType={ofType} />
      )}
    </Page>
  );
}

const none: string[] = [];

/** What devices call a metric: as the first that has it does; in no unit where they differ. */
function wordsFor(devices: readonly Device[], ofType: ChartsProps['ofType'], metric: string): MetricWords {
  const all = devices
    .filter(({ latest }) => latest[metric])
    .map(({ device_type_id }) => ofType(device_type_id)(metric));
  const first = all[0] ?? ofType(null)(metric);
  return { label: first.label, unit: all.every(({ unit }) => unit === first.unit) ? first.unit : '' };
}

interface ChartsProps {
  devices: readonly Device[];
  /** Ids of all that were chosen: their order is that of the colours, also when one of them is gone. */
  colors: readonly string[];
  metrics: readonly string[];
  ofType: (deviceTypeId: string | null) => Metrics;
}

function ComparedCharts({ devices, colors, metrics, ofType }: ChartsProps) {
  const { id: org } = useOrganization();
  const range = useRange();
  const { span, moving } = range;
  const { ref, width } = useElementSize();
  const crosshair = useMemo(() => new Crosshair(), []);
  const names = devices.map(({ id }) => id).join();
  const wanted = JSON.stringify(metrics);
  const sources = useMemo(
    () => names.split(',').map((device) => ({ org, device, metrics: JSON.parse(wanted) as string[] })),
    [org, names, wanted],
  );
  // All lines together have as many points as four.
  const pixels = Math.min(width, (4 * width) / devices.length);
  const { shown, isReading, error, retry } = useTiles({ sources, span, pixels, moving });
  const linesOfShown = useLines();
  const seconds = bucketOf(shown);
  const lines = devices.map((device, index) => ({
    device,
    color: colors.indexOf(device.id),
    wordsOf: ofType(device.device_type_id),
    byMetric: linesOfShown(shown[index]!, device.usual_interval_ms ?? 0, seconds),
  }));
  return (
    <Charts range={range}>
      <RangeBar range={range}>
        {resolutionInWords(shown)} · <GestureHelp />
      </RangeBar>
      {error && <Failure what="The readings could not be read" error={error} onRetry={retry} />}
      <div ref={ref} className={classes.charts}>
        {metrics.map((metric) => (
          <ComparedChart
            key={metric}
            metric={metric}
            words={wordsFor(devices, ofType, metric)}
            lines={lines}
            range={range}
            crosshair={crosshair}
            isReading={isReading}
          />
        ))}
      </div>
    </Charts>
  );
}

/** Lines are made once of what is shown: of twelve devices mostly one has something new. */
function useLines() {
  const made = useRef(new WeakMap<Shown, { how: string; lines: Map<string, Series> }>());
  return (shown: Shown, usualMs: number, seconds: number): Map<string, Series> => {
    const how = `${usualMs} ${seconds}`;
    const before = made.current.get(shown);
    if (before?.how === how) return before.lines;
    const lines = linesOf(shown.pieces, usualMs, seconds);
    made.current.set(shown, { how, lines });
    return lines;
  };
}

interface ChoiceProps {
  known: readonly { name: string; devices: number }[];
  chosen: readonly string[];
  /** How many devices there are. */
  of: number;
  labelOf: (metric: string) => string;
  onToggle: (metric: string) => void;
}

function MetricChoice({ known, chosen, of, labelOf, onToggle }: ChoiceProps) {
  const gone = chosen.filter((metric) => !known.some(({ name }) => name === metric));
  return (
    <fieldset className={classes.metrics}>
      <legend className="visually-hidden">Metrics</legend>
      {[...known, ...gone.map((name) => ({ name, devices: 0 }))].map(({ name, devices }) => {
        const isChosen = chosen.includes(name);
        return (
          <button
            key={name}
            type="button"
            title={name}
            aria-pressed={isChosen}
            disabled={isChosen ? chosen.length === 1 : chosen.length >= mostCharts}
            onClick={() => onToggle(name)}
          >
            {labelOf(name)}
            {devices < of && (
              <span className={classes.share}>
                {devices} of {of}
              </span>
            )}
          </button>
        );
      })}
    </fieldset>
  );
}

function NoneChosen() {
  const { id: org } = useOrganization();
  return (
    <div className={classes.surface}>
      <Empty
        icon={IconActivity}
        title="Nothing to compare yet"
        action={
          <ButtonLink to={paths.devices} params={{ org }} leftSection={<IconCpu size={17} />}>
            Choose from the devices
          </ButtonLink>
        }
      >
        Add devices above by their names, or mark up to twelve in the list of devices and press Compare. Each
        gets a line of its own on a chart for every metric that they share.
      </Empty>
    </div>
  );
}
