import { expect, it } from 'vitest';
import { neighboursOf, tilesOf } from './tiles.ts';

const now = Date.parse('2026-11-23T18:07:11.5Z');
const hour = 3_600_000;
const year = 365 * 24 * hour;

it('cover any span with two or three pieces that have no gap between them', () => {
  for (let length = 1000; length < 10 * year; length *= 1.37) {
    const span = { from: now - length, to: now };
    const tiles = tilesOf(span, 600);
    expect(tiles.length).toBeLessThanOrEqual(3);
    expect(tiles[0]!.from).toBeLessThanOrEqual(span.from);
    expect(tiles.at(-1)!.to).toBeGreaterThanOrEqual(span.to);
    for (const [index, tile] of tiles.entries()) {
      expect(tile.from).toBe(tiles[index - 1]?.to ?? tile.from);
      const width = tile.to - tile.from;
      expect(tile.from % width).toBe(0);
      // Buckets lie wholly inside: of minutes, hours or days, whichever the piece is long enough for.
      const bucket = width >= 24 * hour ? 24 * hour : width >= hour ? hour : 60_000;
      expect(width % bucket).toBe(0);
      expect(tile.points).toBeLessThanOrEqual(8192);
    }
  }
});

it('are found again after a little panning, and by a window that grew by a little', () => {
  const shown = tilesOf({ from: now - 7 * 24 * hour, to: now }, 600);
  const later = tilesOf({ from: now - 7 * 24 * hour + 60_000, to: now + 60_000 }, 610);
  expect(later).toEqual(shown);
  const [before, after] = neighboursOf(shown, now + year);
  expect([before!.to, after!.from]).toEqual([shown[0]!.from, shown.at(-1)!.to]);
  expect(neighboursOf(shown, now)).toEqual([before]);
});
