import type { CommandField } from '../api/types.ts';
import { formatNumber } from '../format/value.ts';

/** What a number may be: `1 to 3,600, whole`; undefined where it may be any. */
export function boundsOf({ min, max, whole }: Extract<CommandField, { type: 'number' }>): string | undefined {
  const span =
    min !== undefined && max !== undefined
      ? `${formatNumber(min)} to ${formatNumber(max)}`
      : min !== undefined
        ? `${formatNumber(min)} or more`
        : max !== undefined && `${formatNumber(max)} or less`;
  const said = [span, whole && (span ? 'whole' : 'A whole number')].filter(Boolean);
  return said.length > 0 ? said.join(', ') : undefined;
}
