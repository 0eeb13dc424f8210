import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import { timeWithin } from '../format/time.ts';
import { formatNumber } from '../format/value.ts';
import classes from './Chart.module.css';
import { useChartColors } from './colors.ts';
import type { Crosshair } from './crosshair.ts';
import { type Mark, markedAt } from './marks.ts';
import { createPlot, dataOf } from './plot.ts';
import type { Span } from './range.ts';
import type { Series } from './series.ts';

interface Props {
  metric: string;
  unit: string;
  series: Series;
  marks: readonly Mark[];
  span: Span;
  crosshair: Crosshair;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

const height = 168;

/** One metric over time: drag to zoom, double click to go back, the crosshair of one is that of all. */
export function Chart({ metric, unit, series, marks, span, crosshair, onZoom, onReset }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLSpanElement>(null);
  const plot = useRef<uPlot>(undefined);
  const colors = useChartColors();
  const hasBand = series.min !== undefined;
  // The plot outlives renders, so what it calls is looked up when it is called.
  const shown = useRef({ span, unit, series, marks, onZoom, onReset });
  shown.current = { span, unit, series, marks, onZoom, onReset };

  useEffect(() => {
    const element = place.current!;
    const created = createPlot({
      element,
      height,
      colors,
      hasBand,
      data: dataOf(shown.current.series),
      marks: () => shown.current.marks,
      onZoom: (from, to) => shown.current.onZoom(from, to),
      onReset: () => shown.current.onReset(),
      onPoint: (at) => {
        if (reading.current) reading.current.textContent = readingAt(created, shown.current);
        crosshair.point(at, created);
      },
    });
    plot.current = created;
    const unfollow = crosshair.subscribe((by) => {
      if (by === created) return;
      const left = crosshair.at === undefined ? -10 : created.valToPos(crosshair.at / 1000, 'x');
      created.setCursor({ left, top: left < 0 ? -10 : 0 }, false);
      if (reading.current) reading.current.textContent = left < 0 ? '' : readingAt(created, shown.current);
    });
    const resized = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      unfollow();
      resized.disconnect();
      created.destroy();
      plot.current = undefined;
    };
  }, [colors, hasBand, crosshair]);

  useEffect(() => plot.current?.setData(dataOf(series), false), [series]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other marks are drawn
  useEffect(() => plot.current?.redraw(false), [marks]);
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

/** How far from the crosshair, in CSS pixels, a value still is the one under it. */
const nearby = 24;

/** What stands under the crosshair, with its time. */
function readingAt(
  plot: uPlot,
  shown: { span: Span; unit: string; series: Series; marks: readonly Mark[] },
): string {
  const left = plot.cursor.left ?? -1;
  if (left < 0) return '';
  return [markedAt(plot, shown.marks), valueAt(plot, shown)].filter(Boolean).join(' · ');
}

function valueAt(plot: uPlot, { span, unit, series }: { span: Span; unit: string; series: Series }): string {
  const index = plot.cursor.idx;
  const left = plot.cursor.left ?? -1;
  if (index == null) return '';
  const value = series.values[index];
  const at = series.times[index]!;
  if (value == null || Math.abs(plot.valToPos(at, 'x') - left) > nearby) return 'nothing known';
  const low = series.min?.[index];
  const high = series.max?.[index];
  const extremes =
    low != null && high != null && low !== high ? ` (${formatNumber(low)} to ${formatNumber(high)})` : '';
  return `${formatNumber(value)}${unit && ` ${unit}`}${extremes} · ${timeWithin(at * 1000, span.to - span.from)}`;
}
