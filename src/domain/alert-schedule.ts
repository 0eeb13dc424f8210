/** Times of the week, in a zone of the world. */
import type { Schedule } from './alert.ts';
import type { Microseconds } from './time.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Zones change their offset at full quarters of an hour. */
const QUARTER_MS = 15 * MINUTE_MS;

/** @returns whether a moment lies in one of the schedule's windows */
export function scheduleOf({ time_zone, windows }: Schedule): (at: Microseconds) => boolean {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: time_zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const spans = windows.flatMap(({ days, from, to }) => {
    const [begin, end] = [minutesOf(from), minutesOf(to)];
    // One that ends when it begins is the whole day.
    return days.map((day) => ({
      begin: (day - 1) * DAY_MINUTES + begin,
      length: end > begin ? end - begin : end - begin + DAY_MINUTES,
    }));
  });
  let quarter = Number.NaN;
  let minuteOfQuarter = 0;
  return (at) => {
    const ms = at / 1000;
    const now = Math.floor(ms / QUARTER_MS);
    // Asking for the zone costs a hundred times as much as all the rest.
    if (now !== quarter) {
      quarter = now;
      minuteOfQuarter = minuteOfWeek(format, now * QUARTER_MS);
    }
    const minute = minuteOfQuarter + Math.floor((ms - now * QUARTER_MS) / MINUTE_MS);
    return spans.some(({ begin, length }) => (minute - begin + 7 * DAY_MINUTES) % (7 * DAY_MINUTES) < length);
  };
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function minuteOfWeek(format: Intl.DateTimeFormat, ms: number): number {
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return days.indexOf(parts.weekday!) * DAY_MINUTES + Number(parts.hour) * 60 + Number(parts.minute);
}
