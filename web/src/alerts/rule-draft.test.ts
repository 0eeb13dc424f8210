import { describe, expect, it } from 'vitest';
import {
  type AlertCondition,
  type AlertRule,
  type AlertScope,
  createAlertRule,
} from '../../../src/contract/alerts.ts';
import { lastingOf, missingOf, ruleBody, ruleDraft, secondsOf } from './rule-draft.ts';

const id = '6f2a4ad6-9d55-4d0e-8c36-0dd2e0a4a9a1';
const rule = (
  condition: AlertCondition,
  scope: AlertScope = { kind: 'organization' },
  for_seconds = 300,
): AlertRule => ({
  id,
  name: 'Too warm',
  severity: 'critical',
  condition,
  for_seconds,
  scope,
  schedule: { time_zone: 'Europe/Berlin', windows: [{ days: [1], from: '08:00', to: '18:00' }] },
  channel_ids: [id],
  enabled: false,
  open_alerts: 2,
  created_at: '',
  updated_at: '',
});

describe('a rule that is opened and saved', () => {
  it.each<AlertRule>([
    rule({ kind: 'threshold', metric: 't', operator: 'lte', value: -18.5, hysteresis: 0.5 }),
    rule(
      { kind: 'outside', metric: 't', low: 2, high: 8, hysteresis: 1 },
      { kind: 'devices', device_ids: [id] },
    ),
    rule({ kind: 'equals', metric: 'door', value: 'open', negate: true }, { kind: 'matching', tags: ['a'] }),
    rule({ kind: 'equals', metric: 'on', value: true, negate: false }, { kind: 'matching', name: 'kiln-*' }),
    rule({ kind: 'equals', metric: 'n', value: 5, negate: false }, { kind: 'matching', device_type_id: id }),
    rule({ kind: 'change', metric: 'p', by: 5, within_seconds: 5400, direction: 'down' }),
    rule({ kind: 'expression', expression: 'a > 1' }),
    rule({ kind: 'no_data', metric: 't' }, undefined, 90),
    rule({ kind: 'no_data' }),
    rule({ kind: 'offline' }, undefined, 0),
    rule({ kind: 'link_down' }),
  ])('is what it was: $condition.kind', (before) => {
    const draft = ruleDraft(before);
    expect(missingOf(draft)).toEqual({});
    const { id: _, open_alerts, created_at, updated_at, ...sent } = before;
    expect(ruleBody(draft)).toEqual(sent);
    expect(createAlertRule.parse(ruleBody(draft))).toEqual(sent);
  });
});

it('a new one says what is missing', () => {
  const draft = ruleDraft();
  expect(Object.keys(missingOf(draft))).toEqual(['name', 'condition.metric', 'condition.value']);
  const filled = { ...draft, name: 'x', metric: 't', value: 30 };
  expect(missingOf(filled)).toEqual({});
  expect(createAlertRule.safeParse(ruleBody(filled)).success).toBe(true);
  expect(missingOf({ ...filled, kind: 'outside', low: 8, high: 2 })).toHaveProperty(['condition.high']);
  expect(missingOf({ ...filled, scope: 'matching' })).toHaveProperty('scope');
  expect(missingOf({ ...filled, scope: 'matching', kind: 'link_down' })).toEqual({});
});

it('a new one may begin with a metric of a device', () => {
  const draft = { ...ruleDraft(undefined, { metric: 't', device: id }), name: 'x', value: 1 };
  expect(ruleBody(draft)).toMatchObject({
    condition: { metric: 't' },
    scope: { kind: 'devices', device_ids: [id] },
  });
});

it('durations are given in the largest unit that says them exactly', () => {
  expect(lastingOf(5400)).toEqual({ count: 90, unit: '60' });
  expect(lastingOf(7200)).toEqual({ count: 2, unit: '3600' });
  for (const seconds of [0, 1, 59, 60, 86_400, 86_401]) expect(secondsOf(lastingOf(seconds))).toBe(seconds);
});
