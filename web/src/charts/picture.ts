import { type Points, within } from './series.ts';
import type { Tile } from './tiles.ts';

/** What is known of a piece of time, by metric. Times in ms since 1970. */
export interface Piece {
  from: number;
  to: number;
  /** Of a bucket; 0 for readings as they are. */
  seconds: number;
  points: ReadonlyMap<string, Points>;
}

/** As many answers are kept in mind for what is not there yet. */
const mostKnown = 32;

/**
 * What is drawn of one device. Where a tile's answer is not there yet, the newest that is known of its time, finer or
 * coarser, stands in for it: nobody waits before an empty chart.
 */
export class Picture {
  #known: Piece[] = [];

  /** @param answers by tile; undefined for those that are not there yet */
  pieces(tiles: readonly Tile[], answers: readonly (Piece | undefined)[]): Piece[] {
    const fresh = answers.filter((answer) => answer !== undefined);
    this.#known = [...fresh, ...this.#known.filter((piece) => !fresh.some((one) => covers(one, piece)))];
    this.#known.length = Math.min(this.#known.length, mostKnown);
    return tiles.flatMap((tile, index) => answers[index] ?? filled(tile.from, tile.to, this.#known));
  }
}

function covers(one: Piece, other: Piece): boolean {
  return one.from <= other.from && one.to >= other.to;
}

/** Pieces of what is known between two times, the first named one where several know of it, in the order of time. */
export function filled(from: number, to: number, known: readonly Piece[]): Piece[] {
  const index = known.findIndex((piece) => piece.from < to && piece.to > from);
  const found = known[index];
  if (!found || from >= to) return [];
  const others = known.slice(index + 1);
  const [start, end] = [Math.max(found.from, from), Math.min(found.to, to)];
  const points = new Map(
    [...found.points].map(([metric, one]) => [metric, within(one, start / 1000, end / 1000)]),
  );
  return [
    ...filled(from, start, others),
    { ...found, from: start, to: end, points },
    ...filled(end, to, others),
  ];
}
