import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatNumber } from '../format/value.ts';
import type { ChartColors } from './colors.ts';
import { drawMarks, type Mark } from './marks.ts';
import type { Series } from './series.ts';

interface Asked {
  element: HTMLElement;
  height: number;
  colors: ChartColors;
  hasBand: boolean;
  data: uPlot.AlignedData;
  /** Looked up at each drawing. */
  marks: () => readonly Mark[];
  /** Times in ms since 1970. */
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  onPoint: (at: number | undefined) => void;
}

/** A line, or a mean between its extremes, as uPlot draws it. */
export function createPlot(asked: Asked): uPlot {
  const { element, height, colors, hasBand, data, marks, onZoom, onReset, onPoint } = asked;
  const plot = new uPlot(
    {
      ...optionsOf(colors, hasBand),
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
            onZoom(from * 1000, to * 1000);
          },
        ],
      },
    },
    data,
    element,
  );
  plot.over.addEventListener('dblclick', onReset);
  return plot;
}

export function dataOf({ times, values, min, max }: Series): uPlot.AlignedData {
  return min && max ? [times, values, min, max] : [times, values];
}

function optionsOf(colors: ChartColors, hasBand: boolean) {
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
      points: { size: 7, fill: colors.line },
    },
    scales: { x: { time: true, auto: false }, y: { range: heightRange } },
    axes: [
      { ...axis, size: 28, space: 64, values: timeAxis },
      {
        ...axis,
        size: 58,
        values: (_plot: uPlot, splits: number[]) => splits.map((split) => formatNumber(split)),
      },
    ],
    series: [
      {},
      {
        stroke: colors.line,
        width: 1.6,
        points: { show: true, size: 4, fill: colors.line, filter: markedPoints },
      },
      ...(hasBand ? [hidden, hidden] : []),
    ],
    bands: hasBand ? [{ series: [3, 2], fill: colors.fill }] : [],
  } as Partial<uPlot.Options> & Pick<uPlot.Options, 'series'>;
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
    const alone = values[index - 1] == null && values[index + 1] == null;
    if (alone || last - first < fewPoints) marked.push(index);
  }
  return marked;
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
