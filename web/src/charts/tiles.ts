/**
 * A piece of time that is asked for and kept as a whole. Its ends don't move with what is shown, so that panning and
 * coming back find it again. Times in ms since 1970.
 */
export interface Tile {
  from: number;
  to: number;
  /** As many points as its answer may have. */
  points: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Each is made of whole minutes, hours or days, as buckets are. */
const widths = [
  ...[1, 2, 5, 10, 30].map((count) => count * MINUTE),
  ...[1, 2, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048].map((count) => count * DAY),
];

/**
 * From minutes to hours is a leap of sixty: rather up to eight buckets a pixel, which the plot thins, than one every eight
 * pixels.
 */
const pointsPerPixel = 8;

/**
 * The tiles that a span needs: two or three.
 * @param pixels the width that it is drawn in
 */
export function tilesOf({ from, to }: { from: number; to: number }, pixels: number): Tile[] {
  const length = to - from;
  const width = widths.find((one) => one >= length / 2) ?? widths.at(-1)!;
  const points = roundPoints((pointsPerPixel * pixels * width) / length);
  const tiles: Tile[] = [];
  for (let start = Math.floor(from / width) * width; start < to; start += width)
    tiles.push({ from: start, to: start + width, points });
  return tiles;
}

/** To a power of two, so that a window that grows by a little finds what is kept; within what the API answers with. */
function roundPoints(points: number): number {
  return Math.min(Math.max(2 ** Math.ceil(Math.log2(points)), 256), 8192);
}

/** What stands beside them: where one gets to by panning. */
export function neighboursOf(tiles: readonly Tile[], now: number): Tile[] {
  const [first, last] = [tiles[0]!, tiles.at(-1)!];
  const width = first.to - first.from;
  const before = { from: first.from - width, to: first.from, points: first.points };
  const after = { from: last.to, to: last.to + width, points: last.points };
  return after.from < now ? [before, after] : [before];
}
