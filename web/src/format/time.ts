/** Times as people read them, in the viewer's own zone. */

const exactFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

/** The exact time with its zone: `23 Nov 2026, 18:12:05 CET`. */
export function exactTime(at: string | number): string {
  return exactFormat.format(new Date(at));
}

const clockFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** A time within a span, as short as the span allows: the clock alone within a day, the day before it beyond. */
export function timeWithin(at: number, spanMs: number): string {
  const clock = clockFormat.format(at);
  return spanMs > 86_400_000 ? `${dayFormat.format(at)}, ${clock.slice(0, 5)}` : clock;
}

const units: { size: number; short: string }[] = [
  { size: 86_400_000, short: 'd' },
  { size: 3_600_000, short: 'h' },
  { size: 60_000, short: 'min' },
  { size: 1000, short: 's' },
];

/** A duration in its largest whole unit: `45 s`, `3 min`, `2 h`, `12 d`. */
export function duration(ms: number): string {
  const unit = units.find(({ size }) => ms >= size) ?? { size: 1000, short: 's' };
  return `${Math.floor(ms / unit.size)} ${unit.short}`;
}

/**
 * How long ago, or how soon: `now`, `12 s ago`, `3 min ago`, `in 2 h`. Clocks differ by a little, so a few
 * seconds ahead are `now` as well.
 */
export function relativeTime(at: string | number, now: number): string {
  const past = now - new Date(at).getTime();
  if (past < 2000 && past > -5000) return 'now';
  return past > 0 ? `${duration(past)} ago` : `in ${duration(-past)}`;
}
