import { expect, it } from 'vitest';
import { mayAs, whyNot } from './permission.ts';

it('ranks owner over admin over member over viewer', () => {
  expect(mayAs('owner', 'admin')).toBe(true);
  expect(mayAs('admin', 'admin')).toBe(true);
  expect(mayAs('member', 'admin')).toBe(false);
  expect(mayAs('viewer', 'member')).toBe(false);
});

it('says who could', () => {
  expect(whyNot('viewer', 'admin')).toBe('Admins and owners can do this. You are a viewer here.');
  expect(whyNot('admin', 'owner')).toBe('Owners can do this. You are an admin here.');
});
