import { useEffect, useRef } from 'react';
import type uPlot from 'uplot';
import type { ReadingValue } from '../../../src/domain/reading.ts';
import { serverNow } from '../api/server-clock.ts';
import { timeWithin } from '../format/time.ts';
import { formatNumber, formatValue } from '../format/value.ts';
import { Annotations, type Band } from './Annotations.tsx';
import classes from './Chart.module.css';
import { type LineColor, useChartColors } from './colors.ts';
import { type Crosshair, usePointedTime } from './crosshair.ts';
import { watchGestures } from './gestures.ts';
import { type Mark, markedAt } from './marks.ts';
import { createPlot, dataOf } from './plot.ts';
import type { Span } from './range.ts';
import { nearest, type Series } from './series.ts';
import type { Range } from './use-range.ts';

export interface Line {
  series: Series;
  color: LineColor;
}

interface Props {
  /** What it is called by those who hear the page. */
  label: string;
  /** What it is measured in; empty for nothing, or for lines that differ in it. */
  unit: string;
  /** Should stay the same while nothing of it changes. */
  lines: readonly Line[];
  marks: readonly Mark[];
  bands?: readonly Band[];
  range: Range;
  crosshair: Crosshair;
  /** In CSS pixels. */
  height?: number;
  /** What is said in place of lines. */
  note?: string;
}

/** Lines over time. Drag to zoom, with Shift to pan, double click to zoom out; the crosshair of one is that of all. */
export function Chart({ label, unit, lines, marks, bands, range, crosshair, height = 168, note }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const colors = useChartColors();
  const { span } = range;
  // The plot outlives renders, so what it calls is looked up when it is called.
  const shown = useRef({ span, lines, marks, range });
  shown.current = { span, lines, marks, range };
  const painted = lines.map(({ color }) => `${color.line} ${color.dash}`).join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours are other lines
  useEffect(() => {
    const element = place.current!;
    const created = createPlot({
      element,
      height,
      colors,
      unit,
      lines: shown.current.lines.map(({ color }) => color),
      marks: () => shown.current.marks,
      onSelect: (from, to) => shown.current.range.show(from, to),
      onOut: () => shown.current.range.zoom(2),
      onPoint: (at) => crosshair.point(at, created),
    });
    plot.current = created;
    draw(created, shown.current);
    const unfollow = crosshair.subscribe((by) => {
      if (by === created) return;
      const left = crosshair.at === undefined ? -10 : created.valToPos(crosshair.at / 1000, 'x');
      created.setCursor({ left, top: left < 0 ? -10 : 0 }, false);
    });
    const unwatch = watchGestures(created.over, {
      span: () => shown.current.span,
      now: serverNow,
      onMove: (moved) => {
        shown.current.span = moved;
        shown.current.range.move(moved);
      },
      onRest: () => shown.current.range.rest(),
    });
    const resized = new ResizeObserver(() => created.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      unfollow();
      unwatch();
      resized.disconnect();
      created.destroy();
      plot.current = undefined;
    };
  }, [colors, painted, unit, crosshair, height]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: looked up
  useEffect(() => {
    if (plot.current) draw(plot.current, shown.current);
  }, [lines, span.from, span.to]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other marks are drawn
  useEffect(() => plot.current?.redraw(false), [marks]);

  return (
    <figure className={classes.chart} aria-label={label}>
      <div ref={place} className={classes.plot} style={{ height }} />
      {bands && <Annotations bands={bands} span={span} />}
      {note && <div className={classes.note}>{note}</div>}
    </figure>
  );
}

function draw(plot: uPlot, { lines, span }: { lines: readonly Line[]; span: Span }): void {
  plot.batch(() => {
    plot.setData(dataOf(lines.map(({ series }) => series)), false);
    plot.setScale('x', { min: span.from / 1000, max: span.to / 1000 });
  });
}

/** How far from the crosshair, as a share of the span, a value still is the one under it; and a mark. */
const nearby = { value: 0.02, mark: 0.01 } as const;

/** What a line has at a time in ms since 1970; undefined where nothing is known near it. */
export function valueAt(series: Series, at: number, span: Span) {
  const index = nearest(series, at / 1000);
  if (index === undefined) return undefined;
  const time = series.times[index]! * 1000;
  if (Math.abs(time - at) > (span.to - span.from) * nearby.value) return undefined;
  return { time, value: series.values[index]!, min: series.min[index]!, max: series.max[index]! };
}

interface ReadingProps {
  series: Series | undefined;
  unit: string;
  marks: readonly Mark[];
  span: Span;
  crosshair: Crosshair;
}

/** What stands under the crosshair, with its time. */
export function Reading({ series, unit, marks, span, crosshair }: ReadingProps) {
  const at = usePointedTime(crosshair);
  if (at === undefined) return null;
  const marked = markedAt(marks, at, (span.to - span.from) * nearby.mark);
  const found = series && valueAt(series, at, span);
  const parts = [
    marked,
    found ? `${inUnit(found.value, unit)} ${extremesOf(found)}`.trim() : 'nothing known',
    timeWithin(found?.time ?? at, span.to - span.from),
  ];
  return <span className={`${classes.reading} figures`}>{parts.filter(Boolean).join(' · ')}</span>;
}

/** `21.5 °C` */
export function inUnit(value: ReadingValue, unit: string): string {
  return `${formatValue(value)}${unit && ` ${unit}`}`;
}

/** `(20 to 23)`; empty where there was one value only. */
export function extremesOf({ min, max }: { min: number; max: number }): string {
  return min < max ? `(${formatNumber(min)} to ${formatNumber(max)})` : '';
}
