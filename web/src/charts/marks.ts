import type uPlot from 'uplot';

/** Something that happened beside the readings, as a command that was sent. */
export interface Mark {
  /** In ms since 1970. */
  at: number;
  /** What is said of it under the crosshair. */
  label: string;
}

/** A dashed line for each mark in sight, with a tip at its foot. */
export function drawMarks(plot: uPlot, marks: readonly Mark[], color: string): void {
  const { ctx: context, bbox: box } = plot;
  const pixel = devicePixelRatio;
  context.save();
  context.strokeStyle = color;
  context.fillStyle = color;
  context.globalAlpha = 0.6;
  context.lineWidth = pixel;
  context.setLineDash([3 * pixel, 3 * pixel]);
  const foot = box.top + box.height;
  for (const { at } of marks) {
    const x = Math.round(plot.valToPos(at / 1000, 'x', true));
    if (x < box.left || x > box.left + box.width) continue;
    context.beginPath();
    context.moveTo(x, box.top);
    context.lineTo(x, foot);
    context.stroke();
    context.beginPath();
    context.moveTo(x, foot - 7 * pixel);
    context.lineTo(x + 4 * pixel, foot);
    context.lineTo(x - 4 * pixel, foot);
    context.fill();
  }
  context.restore();
}

/** What is marked no further than `nearby` ms from a time; empty for nothing. */
export function markedAt(marks: readonly Mark[], at: number, nearby: number): string {
  const named = [
    ...new Set(marks.filter((mark) => Math.abs(mark.at - at) <= nearby).map(({ label }) => label)),
  ];
  return named.slice(0, 3).join(', ') + (named.length > 3 ? ', …' : '');
}
