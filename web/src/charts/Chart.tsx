import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { timeWithin } from '../format/time.ts';
import { formatNumber } from '../format/value.ts';
import classes from './Chart.module.css';
import { type ChartColors, useChartColors } from './colors.ts';
import type { Span } from './range.ts';
import type { Series } from './series.ts';

interface Props {
  metric: string;
  unit: string;
  series: Series;
  span: Span;
  /** Charts with the same key share the crosshair. */
  group: string;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

const height = 160;

/** One metric over time: drag to zoom, double click to go back, the crosshair of one is that of all. */
export function Chart({ metric, unit, series, span, group, onZoom, onReset }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot>(undefined);
  const colors = useChartColors();
  const { isBoolean } = series;
  const hasBand = series.min !== undefined;
  // The plot outlives renders, so what it calls is looked up when it is called.
  const calls = useRef({ onZoom, onReset });
  calls.current = { onZoom, onReset };
  const shown = useRef({ span, unit, series });
  shown.current = { span, unit, series };

  useEffect(() => {
    const element = place.current!;
    const tell = (drawn: uPlot) => {
      if (reading.current) reading.current.textContent = readingAt(drawn, shown.current);
    };
    const created = new uPlot(
      {
        ...optionsOf({ colors, isBoolean, hasBand, group }),
        width: element.clientWidth,
        height,
        hooks: {
          setCursor: [tell],
          setSelect: [
            (drawn) => {
              if (drawn.select.width < 4) return;
              const from = drawn.posToVal(drawn.select.left, 'x');
              const to = drawn.posToVal(drawn.select.left + drawn.select.width, 'x');
              drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              calls.current.onZoom(from * 1000, to * 1000);
            },
          ],
        },
      },
      dataOf(shown.current.series),
      element,
    );
    created.over.addEventListener('dblclick', () => calls.current.onReset());
    plot.current = created;
    const resized = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      created.destroy();
      plot.current = undefined;
    };
  }, [colors, isBoolean, hasBand, group]);

  useEffect(() => plot.current?.setData(dataOf(series), false), [series]);
  useEffect(() => {
    plot.current?.setScale('x', { min: span.from / 1000, max: span.to / 1000 });
  }, [span.from, span.to]);

  return (
    <figure className={classes.chart} aria-label={`${metric} over time`}>
      <figcaption className={classes.caption}>
        <span ref={reading} className={`${classes.reading} figures`} />
      </figcaption>
      <div ref={place} className={classes.plot} />
    </figure>
  );
}

function dataOf({ times, values, min, max }: Series): uPlot.AlignedData {
  return min && max ? [times, values, min, max] : [times, values];
}

/** What stands under the crosshair, with its time. */
function readingAt(
  plot: uPlot,
  { span, unit, series }: { span: Span; unit: string; series: Series },
): string {
  const index = plot.cursor.idx;
  const value = index == null ? null : series.values[index];
  if (index == null || value == null) return '';
  const text = series.isBoolean ? String(value === 1) : `${formatNumber(value)}${unit && ` ${unit}`}`;
  const low = series.min?.[index];
  const high = series.max?.[index];
  const extremes =
    low != null && high != null && low !== high ? ` (${formatNumber(low)} to ${formatNumber(high)})` : '';
  return `${text}${extremes} · ${timeWithin(series.times[index]! * 1000, span.to - span.from)}`;
}

function optionsOf(look: { colors: ChartColors; isBoolean: boolean; hasBand: boolean; group: string }) {
  const { colors, isBoolean, hasBand, group } = look;
  const font = "12px 'Inter Variable', system-ui, sans-serif";
  const axis = { stroke: colors.text, font, ticks: { show: false }, grid: { stroke: colors.grid, width: 1 } };
  const hidden = { stroke: 'transparent', points: { show: false } };
  return {
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: group },
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, fill: colors.line },
    },
    scales: {
      x: { time: true, auto: false },
      y: { range: isBoolean ? () => [-0.1, 1.1] as [number, number] : heightRange },
    },
    axes: [
      { ...axis, size: 28, space: 84, values: timeAxis },
      {
        ...axis,
        size: 58,
        splits: isBoolean ? () => [0, 1] : undefined,
        values: (_plot: uPlot, splits: number[]) =>
          splits.map((split) => (isBoolean ? String(split === 1) : formatNumber(split))),
      },
    ],
    series: [
      {},
      {
        stroke: colors.line,
        width: 1.6,
        points: { show: undefined, size: 4 },
        paths: isBoolean ? uPlot.paths.stepped!({ align: 1 }) : undefined,
      },
      ...(hasBand ? [hidden, hidden] : []),
    ],
    bands: hasBand ? [{ series: [3, 2], fill: colors.fill }] : [],
  } as Partial<uPlot.Options> & Pick<uPlot.Options, 'series'>;
}

/** A little room above and below; a value that never changes runs through the middle. */
function heightRange(_plot: uPlot, min: number, max: number): [number, number] {
  if (min === null || max === null) return [0, 1];
  const room = min === max ? Math.max(Math.abs(min) * 0.05, 1) : (max - min) * 0.12;
  return [min - room, max + room];
}

/** Clock times; the day where a new one begins. */
function timeAxis(
  _plot: uPlot,
  splits: number[],
  _axis: number,
  _space: number,
  increment: number,
): string[] {
  return splits.map((split, index) => {
    const at = new Date(split * 1000);
    const isNewDay = index === 0 || new Date(splits[index - 1]! * 1000).getDate() !== at.getDate();
    const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    if (increment >= 86_400) return day;
    const seconds = increment < 60 ? { second: '2-digit' as const } : {};
    const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...seconds });
    return isNewDay && index > 0 ? `${day}` : clock;
  });
}
