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
const yearFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/**
 * A time within a span, as short as the span allows: the clock alone within a day, the day before it beyond, and the
 * year in place of the clock where days are all that can be told apart.
 */
export function timeWithin(at: number, spanMs: number): string {
  if (spanMs > 200 * 86_400_000) return yearFormat.format(at);
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

/** As the browser's field for a date and a time has it, in the viewer's zone: `2026-11-23T18:12:05`. */
export function localTime(at: number): string {
  const { year, month, day, hour, minute, second } = Object.fromEntries(
    fieldFormat.formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

const fieldFormat = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** The viewer's zone by name: `Europe/Berlin`. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
