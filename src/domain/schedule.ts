import type { Schedule } from './alert.ts';

const DAY_MINUTES = 1440;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
/** By the zone in lower case, as any case names it. Making one takes longer than asking it; there are some hundreds. */
const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * Whether a time lies in one of the schedule's windows, by the clocks of its zone: an hour that a change of clocks leaves
 * out or repeats is left out or counts twice. A window that ends when it begins is the whole day.
 * @param at milliseconds since 1970
 */
export function isWithin({ time_zone, windows }: Schedule, at: number): boolean {
  const { day, minute } = localTime(time_zone, at);
  const dayBefore = day === 1 ? 7 : day - 1;
  return windows.some(({ days, from, to }) => {
    const begin = minutesOf(from);
    const end = minutesOf(to);
    if (begin < end) return days.includes(day) && minute >= begin && minute < end;
    return (days.includes(day) && minute >= begin) || (days.includes(dayBefore) && minute < end);
  });
}

/** Whether there is a zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

function minutesOf(clockTime: string): number {
  const [hours, minutes] = clockTime.split(':').map(Number);
  return (hours! * 60 + minutes!) % DAY_MINUTES;
}

/** The day of the week, 1 being Monday, and the minute of that day. */
function localTime(timeZone: string, at: number): { day: number; minute: number } {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: weekdays.indexOf(parts.weekday!) + 1,
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const key = timeZone.toLowerCase();
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(key, format);
  }
  return format;
}
