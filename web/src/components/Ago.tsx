import { exactTime, relativeTime } from '../format/time.ts';
import { useNow } from './use-now.ts';

/** A time as `12 s ago`, ticking, with the exact one on hover; `never` for none. */
export function Ago({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const now = useNow();
  if (!at) return <span>{never}</span>;
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(at, now)}
    </time>
  );
}
