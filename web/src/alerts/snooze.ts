/** For how long people want to hear nothing of an alert. */
export function snoozeChoices(now: number): { label: string; until: number }[] {
  const morning = new Date(now);
  // Of the next day in the viewer's zone; before six of this one.
  if (morning.getHours() >= 6) morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  const hour = 3_600_000;
  return [
    { label: 'For 1 hour', until: now + hour },
    { label: 'For 4 hours', until: now + 4 * hour },
    {
      label: `Until ${morning.getDate() === new Date(now).getDate() ? 'this' : 'tomorrow'} morning, 8:00`,
      until: morning.getTime(),
    },
    { label: 'For a week', until: now + 7 * 24 * hour },
  ];
}
