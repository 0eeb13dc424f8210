import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue, useElementSize } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { conditionOf, type RuleDraft, secondsOf } from '../../alerts/rule-draft.ts';
import { answer, api } from '../../api/client.ts';
import { deviceChoicesQuery } from '../../api/command-queries.ts';
import { sentenceOf } from '../../api/problem.ts';
import { deviceQuery } from '../../api/queries.ts';
import { serverNow } from '../../api/server-clock.ts';
import type { Device } from '../../api/types.ts';
import type { Band } from '../../charts/Annotations.tsx';
import { MetricChart } from '../../charts/MetricChart.tsx';
import { type Range, useRange } from '../../charts/use-range.ts';
import { DeviceChoice } from '../../components/DeviceChoice.tsx';
import { useMetrics } from '../../device-types/use-metrics.ts';
import { duration, exactTime } from '../../format/time.ts';
import { formatCount, plural } from '../../format/value.ts';
import { useOrganization } from '../../session/session.ts';
import classes from './AlertRules.module.css';

const spans = [
  { value: '24h', label: '24 h', days: 1, words: 'in the last 24 hours' },
  { value: '7d', label: '7 d', days: 7, words: 'in the last 7 days' },
  { value: '30d', label: '30 d', days: 30, words: 'in the last 30 days' },
] as const;

interface Props {
  draft: RuleDraft;
  /** Whether there is a condition to be tried. */
  isComplete: boolean;
}

/** When the rule would have fired on a device, on its chart. */
export function Backtest({ draft, isComplete }: Props) {
  const { id: org } = useOrganization();
  const [chosen, setChosen] = useState<string>();
  const [days, setDays] = useState<(typeof spans)[number]['value']>('7d');
  const range = useRange({ range: days });
  const { data: devices } = useQuery(deviceChoicesQuery(org, ''));
  // Until one is chosen, one that has what the rule is about, of those that it watches where they are known.
  const about = ({ latest }: Device) => Object.keys(latest).filter((name) => isAbout(draft, name)).length;
  const telling = devices?.filter((one) => about(one) > 0).sort((a, b) => about(b) - about(a));
  const device =
    chosen ?? draft.deviceIds[0] ?? (telling?.find((one) => isWatched(draft, one)) ?? telling?.[0])?.id;
  if (draft.kind === 'link_down' || draft.kind === 'offline') {
    return (
      <p className={classes.dim}>
        Rules about readings can be tried on what a device has sent. What was connected when is not kept.
      </p>
    );
  }
  return (
    <section className={classes.try} aria-label="Try it">
      <div className={classes.tryHead}>
        <h2 className={classes.heading}>Try it on</h2>
        <DeviceChoice className={classes.metric} none="A device" device={device} onChoose={setChosen} />
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          value={days}
          onChange={(value) => {
            setDays(value as typeof days);
            range.follow(value);
          }}
          data={spans.map(({ value, label }) => ({ value, label }))}
        />
      </div>
      {!isComplete && (
        <p className={classes.dim}>Say what it watches for, and see when it would have fired.</p>
      )}
      {isComplete && device && <Result draft={draft} device={device} days={days} range={range} />}
    </section>
  );
}

function isAbout({ kind, expression, metric }: RuleDraft, name: string): boolean {
  if (kind === 'expression') return expression.includes(name);
  return metric.trim() === '' || metric.trim() === name;
}

function isWatched({ scope, typeId, tags }: RuleDraft, device: Device): boolean {
  if (scope !== 'matching') return true;
  return (
    (typeId === null || device.device_type_id === typeId) && tags.every((tag) => device.tags.includes(tag))
  );
}

/** A number to draw that the rule is about, or nothing. */
function metricOf(draft: RuleDraft, latest: Device['latest']): string {
  const numbers = Object.keys(latest).filter((name) => typeof latest[name]!.value === 'number');
  return numbers.sort().find((name) => isAbout(draft, name)) ?? '';
}

const mostListed = 5;

/** What has no chart, in words: the latest first. */
function Episodes({ bands }: { bands: Band[] }) {
  if (bands.length === 0) return null;
  const latest = bands.toSorted((a, b) => b.from - a.from).slice(0, mostListed);
  return (
    <ul className={classes.episodes} aria-label="When it would have fired">
      {latest.map(({ key, from, to }) => (
        <li key={key}>
          {exactTime(from)}, {to === undefined ? 'and still' : `for ${duration(Math.max(1000, to - from))}`}
        </li>
      ))}
      {bands.length > mostListed && <li>{formatCount(bands.length - mostListed)} more before</li>}
    </ul>
  );
}

interface ResultProps {
  draft: RuleDraft;
  device: string;
  days: (typeof spans)[number]['value'];
  range: Range;
}

function Result({ draft, device, days, range }: ResultProps) {
  const { id: org } = useOrganization();
  const { words, days: count } = spans.find(({ value }) => value === days)!;
  const condition = conditionOf(draft);
  const [asked] = useDebouncedValue(
    JSON.stringify({ condition, for_seconds: secondsOf(draft.lasting), schedule: draft.schedule }),
    400,
  );
  const query = useQuery({
    queryKey: [org, 'backtest', device, days, asked],
    queryFn: ({ signal }) => {
      const to = serverNow();
      return answer(
        api.POST('/api/v1/organizations/{org}/alert-rules/backtest', {
          signal,
          params: { path: { org } },
          body: {
            ...(JSON.parse(asked) as { condition: typeof condition; for_seconds: number }),
            device_id: device,
            from: new Date(to - count * 86_400_000).toISOString(),
            to: new Date(to).toISOString(),
          },
        }),
      );
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const { severity } = draft;
  const bands = useMemo(
    (): Band[] =>
      (query.data?.episodes ?? []).map(({ opened_at, cleared_at }) => ({
        key: opened_at,
        from: Date.parse(opened_at),
        to: cleared_at === null ? undefined : Date.parse(cleared_at),
        severity,
        label: 'would have fired',
      })),
    [query.data, severity],
  );
  const { ref, width } = useElementSize();
  const { data: read } = useQuery(deviceQuery(org, device));
  // A rule about several metrics, or about silence, is shown on one of the device’s.
  const metric = metricOf(draft, read?.latest ?? {});
  const { label, unit } = useMetrics(read?.device_type_id ?? null)(metric);
  const fired = query.data?.episodes.length ?? 0;
  return (
    <>
      <p className={classes.verdict} role="status" aria-busy={query.isPlaceholderData}>
        {query.error
          ? sentenceOf(query.error)
          : query.data &&
            (query.data.readings === 0
              ? `This device has sent nothing ${words}.`
              : `Would ${fired === 0 ? 'never have fired' : `have fired ${fired === 1 ? 'once' : plural(fired, 'time')}`} ${words}${query.data.truncated ? ', as far as was looked' : ''}.`)}
      </p>
      {!metric && <Episodes bands={bands} />}
      {metric && (
        <div ref={ref} className={classes.chart}>
          <MetricChart
            key={device}
            device={device}
            usualMs={read?.usual_interval_ms ?? 0}
            metric={metric}
            label={label}
            unit={unit}
            range={range}
            pixels={width}
            bands={bands}
            onFailure={(error) => <p className={classes.dim}>{sentenceOf(error)}</p>}
          />
        </div>
      )}
    </>
  );
}
