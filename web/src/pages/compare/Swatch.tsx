import type { LineColor } from '../../charts/colors.ts';

/** A piece of a line, as it is drawn. */
export function Swatch({ color: { line, dash } }: { color: LineColor }) {
  return (
    <svg width={22} height={10} aria-hidden style={{ flex: 'none' }}>
      <line x1={1} y1={5} x2={21} y2={5} stroke={line} strokeWidth={3} strokeDasharray={dash?.join(' ')} />
    </svg>
  );
}
