import { expect, it } from 'vitest';
import { Picture, type Piece } from './picture.ts';

/** A piece with a value each second, which tells which piece it was. */
function piece(from: number, to: number, value: number): Piece {
  const times = Array.from({ length: to - from }, (_, index) => from + index);
  const values = times.map(() => value);
  const points = new Map([['t', { times, values, min: values, max: values, counts: values, gap: 0 }]]);
  return { from: from * 1000, to: to * 1000, seconds: 0, points };
}
const tile = (from: number, to: number) => ({ from: from * 1000, to: to * 1000, points: 256 });
const drawn = (pieces: Piece[]) => pieces.flatMap(({ points }) => points.get('t')!.values).join('');

it('shows answers, and what was known of their time until they are there', () => {
  const picture = new Picture();
  const coarse = [tile(0, 8), tile(8, 16)];
  expect(drawn(picture.pieces(coarse, [undefined, undefined]))).toBe('');
  expect(drawn(picture.pieces(coarse, [piece(0, 8, 1), undefined]))).toBe('11111111');
  expect(drawn(picture.pieces(coarse, [piece(0, 8, 1), piece(8, 16, 2)]))).toBe('1111111122222222');
  // Zoomed in: the old picture, until the finer one is there.
  const fine = [tile(4, 8), tile(8, 12)];
  expect(drawn(picture.pieces(fine, [undefined, undefined]))).toBe('11112222');
  expect(drawn(picture.pieces(fine, [undefined, piece(8, 12, 3)]))).toBe('11113333');
  // Zoomed out again: the newest of what is known, in the order of time.
  const all = picture.pieces([tile(0, 32)], [undefined]);
  expect(drawn(all)).toBe('1111111133332222');
  const times = all.flatMap(({ points }) => points.get('t')!.times);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

it('forgets what a newer answer covers, and the oldest of many', () => {
  const picture = new Picture();
  picture.pieces([tile(0, 4)], [piece(0, 4, 1)]);
  picture.pieces([tile(0, 8)], [piece(0, 8, 2)]);
  expect(drawn(picture.pieces([tile(0, 4)], [undefined]))).toBe('2222');
  for (let n = 1; n <= 40; n += 1) picture.pieces([tile(n * 8, n * 8 + 8)], [piece(n * 8, n * 8 + 8, 3)]);
  expect(drawn(picture.pieces([tile(0, 8)], [undefined]))).toBe('');
});
