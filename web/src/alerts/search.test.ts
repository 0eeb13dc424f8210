import { expect, it } from 'vitest';
import { alertsOf, bandsOf } from './bands.ts';
import { alertsAsked, parseAlertSearch } from './search.ts';
import { snoozeChoices } from './snooze.ts';

const id = '6f2a4ad6-9d55-4d0e-8c36-0dd2e0a4a9a1';

it('the inbox begins with what is not over, and drops what is no filter', () => {
  expect(alertsAsked(parseAlertSearch({ state: 'x', severity: 5, device: 'x' }))).toEqual({
    states: ['open', 'acknowledged'],
    severities: undefined,
    device: undefined,
    rule: undefined,
  });
  expect(alertsAsked(parseAlertSearch({ state: 'all', severity: 'critical', rule: id }))).toEqual({
    states: undefined,
    severities: ['critical'],
    device: undefined,
    rule: id,
  });
});

it('a band ends when the condition no longer held, or somebody put an end to it', () => {
  const alert = (given: object) =>
    ({
      id,
      rule_name: 'Warm',
      severity: 'warning',
      metric: 't',
      opened_at: '2026-11-23T10:00:00Z',
      cleared_at: null,
      resolved_at: null,
      ...given,
    }) as never;
  const at = (hour: number) => Date.UTC(2026, 10, 23, hour);
  const ends = bandsOf([
    alert({}),
    alert({ resolved_at: '2026-11-23T12:00:00Z' }),
    alert({ cleared_at: '2026-11-23T11:00:00Z', resolved_at: '2026-11-23T12:00:00Z' }),
  ]).map(({ from, to }) => [from, to]);
  expect(ends).toEqual([
    [at(10), undefined],
    [at(10), at(12)],
    [at(10), at(11)],
  ]);
  expect(alertsOf([alert({}), alert({ metric: null }), alert({ metric: 'h' })], 'h')).toHaveLength(2);
});

it('a snooze until the morning means the next one', () => {
  const choices = (hour: number) => snoozeChoices(new Date(2026, 10, 23, hour, 30).getTime())[2]!;
  expect(choices(3)).toEqual({
    label: 'Until this morning, 8:00',
    until: new Date(2026, 10, 23, 8).getTime(),
  });
  expect(choices(22)).toEqual({
    label: 'Until tomorrow morning, 8:00',
    until: new Date(2026, 10, 24, 8).getTime(),
  });
});
