import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber } from '../format/value.ts';
import type { ChartColors, LineColor } from './colors.ts';
import { drawMarks, type Mark } from './marks.ts';
import type { Series } from './series.ts';

interface Asked {
  element: HTMLElement;
  height: number;
  colors: ChartColors;
  unit: string;
  /** Of each line. */
  lines: readonly LineColor[];
  /** Looked up at each drawing. */
  marks: () => readonly Mark[];
  /** Times in ms since 1970. */
  onSelect: (from: number, to: number) => void;
  onOut: () => void;
  onPoint: (at: number | undefined) => void;
}

/** Lines, each between its extremes, as uPlot draws them. */
export function createPlot(asked: Asked): uPlot {
  const { element, height, colors, unit, lines, marks, onSelect, onOut, onPoint } = asked;
  const plot = new uPlot(
    {
      ...optionsOf(colors, lines, unit),
      width: element.clientWidth,
      height,
      hooks: {
        draw: [(drawn) => drawMarks(drawn, marks(), colors.text)],
        setCursor: [
          (drawn) => {
            const { left = -1 } = drawn.cursor;
            onPoint(left < 0 ? undefined : Math.round(drawn.posToVal(left, 'x') * 1000));
          },
        ],
        setSelect: [
          (drawn) => {
            if (drawn.select.width < 4) return;
            const from = drawn.posToVal(drawn.select.left, 'x');
            const to = drawn.posToVal(drawn.select.left + drawn.select.width, 'x');
            drawn.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            onSelect(from * 1000, to * 1000);
          },
        ],
      },
    },
    dataOf(lines.map(() => ({ times: [], values: [], min: [], max: [] }))),
    element,
  );
  plot.over.addEventListener('dblclick', onOut);
  return plot;
}

/** On times that all lines share; where one has none of its own it is undefined, which uPlot passes over. */
export function dataOf(lines: readonly Series[]): uPlot.AlignedData {
  const tables = lines.map(({ times, values, min, max }): uPlot.AlignedData => [times, values, min, max]);
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

function optionsOf(colors: ChartColors, lines: readonly LineColor[], unit: string) {
  const font = "12px 'Inter Variable', system-ui, sans-serif";
  const axis = { stroke: colors.text, font, ticks: { show: false }, grid: { stroke: colors.grid, width: 1 } };
  const hidden = { stroke: 'transparent', points: { show: false } };
  return {
    legend: { show: false },
    // Half of the last label stands beyond the end.
    padding: [8, 20, 0, 0],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false },
      // With Shift a drag pans (`gestures.ts`); to zoom by it as well would be both at once.
      bind: { mousedown: (_plot, _target, select) => (event) => (event.shiftKey ? null : select(event)) },
      points: { size: 7, fill: (_plot, index) => lines[Math.floor((index - 1) / 3)]!.line },
      dataIdx: (plot, index, at) => ownIndex(plot.data[index]!, at),
    },
    scales: { x: { time: true, auto: false }, y: { range: heightRange } },
    axes: [
      { ...axis, size: 28, space: 64, values: timeAxis },
      {
        ...axis,
        // The same for all, so that charts below one another have the same time in the same place.
        size: 66,
        values: (plot: uPlot, splits: number[], _axis: number, _space: number, increment: number) =>
          isEmpty(plot) ? splits.map(() => '') : valueAxis(splits, { unit, increment }),
      },
    ],
    series: [
      {},
      ...lines.flatMap(({ line, dash }) => [
        {
          stroke: line,
          dash,
          width: 1.6,
          points: { show: true, size: 4, fill: line, filter: markedPoints },
        },
        hidden,
        hidden,
      ]),
    ],
    bands: lines.map(({ fill }, index) => ({ series: [index * 3 + 3, index * 3 + 2], fill })),
  } as Partial<uPlot.Options> & Pick<uPlot.Options, 'series'>;
}

/** Further than so many points of other lines, none of its own is looked for. */
const farthest = 200;

/** The nearest point that a line has itself. */
function ownIndex(values: ArrayLike<number | null | undefined>, at: number): number {
  for (let distance = 0; distance < farthest; distance += 1) {
    if (values[at - distance] !== undefined) return at - distance;
    if (values[at + distance] !== undefined) return at + distance;
  }
  return at;
}

function isEmpty(plot: uPlot): boolean {
  const [first, last] = plot.series[0]!.idxs ?? [0, -1];
  return !plot.data.slice(1).some((values) => {
    for (let index = first; index <= last; index += 1) if (values[index] != null) return true;
    return false;
  });
}

/** Fewer points than this on screen are marked each. */
const fewPoints = 40;

/** Where points are few, each is marked; where they are many, only those with a gap on both sides: no line shows them. */
function markedPoints(plot: uPlot, seriesIndex: number): number[] | null {
  const values = plot.data[seriesIndex]!;
  const [first, last] = plot.series[0]!.idxs ?? [0, values.length - 1];
  const marked: number[] = [];
  for (let index = first; index <= last; index += 1) {
    if (values[index] == null) continue;
    const alone = values[index - 1] === null && values[index + 1] === null;
    if (alone || last - first < fewPoints) marked.push(index);
  }
  return marked;
}

/** A little room above and below; a value that never changes runs through the middle. */
function heightRange(_plot: uPlot, min: number, max: number): [number, number] {
  if (min == null || max == null) return [0, 1];
  const room = min === max ? Math.max(Math.abs(min) * 0.05, 1) : (max - min) * 0.12;
  return [min - room, max + room];
}

/** Numbers, as exact as tells them apart; the unit behind the topmost, if it is short enough. */
function valueAxis(splits: number[], { unit, increment }: { unit: string; increment: number }): string[] {
  const short = unit.length <= 5 ? unit : '';
  const digits = decimalsOf(increment);
  return splits.map((split, index) => {
    const isPlain = Math.abs(split) < 1e6 && digits < 6;
    const number = isPlain
      ? split.toLocaleString('en-US', { maximumFractionDigits: digits })
      : formatNumber(split);
    return index === splits.length - 1 && short ? `${number} ${short}` : number;
  });
}

/** How many decimals tell steps apart: 1 for 2.5, 0 for 20. */
function decimalsOf(increment: number): number {
  for (let digits = 0; digits < 6; digits += 1) {
    const scaled = increment * 10 ** digits;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return digits;
  }
  return 6;
}

/** Clock times; the day where a new one begins, the year where that does. */
function timeAxis(
  _plot: uPlot,
  splits: number[],
  _axis: number,
  _space: number,
  increment: number,
): string[] {
  return splits.map((split, index) => {
    const at = new Date(split * 1000);
    const before = index > 0 ? new Date(splits[index - 1]! * 1000) : at;
    const isNewYear = before.getFullYear() !== at.getFullYear();
    if (increment >= 28 * 86_400)
      return at.toLocaleDateString('en-GB', isNewYear ? { year: 'numeric' } : { month: 'short' });
    const day = at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
    if (increment >= 86_400) return day;
    const seconds = increment < 60 ? { second: '2-digit' as const } : {};
    const clock = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', ...seconds });
    return before.getDate() === at.getDate() ? clock : day;
  });
}
