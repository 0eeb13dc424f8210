import { expect, it } from 'vitest';
import { noticeOf } from './notice.ts';

const alert = (id: string, rule_name: string, name?: string) => ({
  id,
  rule_name,
  severity: 'critical' as const,
  summary: 'temperature is 31: above 30',
  device: name === undefined ? null : { id: 'd', external_device_id: name, name },
});

it('says all of one alert, and leads to it', () => {
  expect(noticeOf([alert('1', 'Too warm', 'cold-1')])).toEqual({
    title: 'Critical: Too warm',
    body: 'cold-1: temperature is 31: above 30',
    tag: '1',
    alert: '1',
  });
  expect(noticeOf([alert('1', 'Too warm')]).body).toBe('temperature is 31: above 30');
});

it('says how many there are of several, and of which rules', () => {
  const many = ['a', 'b', 'a', 'c', 'd', 'e'].map((rule, index) => alert(`${index}`, rule));
  expect(noticeOf(many)).toEqual({
    title: '6 alerts opened',
    body: 'a, b, c and 2 other rules',
    tag: 'alerts',
  });
  expect(noticeOf(many.slice(0, 2)).body).toBe('a and b');
});
