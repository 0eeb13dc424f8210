import { describe, expect, it } from 'vitest';
import { commandTaker, type Step } from './commands.ts';
import { type Random, seededRandom } from './random.ts';

const NOW = Date.UTC(2026, 5, 1);
const ID = '8f14e45f-ceea-467f-a0e6-3f1c0a9f3f10';

/** Chance that is always the same: 0.5 lets everything go well, 0 lets everything fail. */
const always = (value: number): Random => ({ ...seededRandom(1), uniform: () => value });

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const command = (given: object) =>
  bytes({ id: ID, params: {}, expires_at: new Date(NOW + 60_000).toISOString(), ...given });
const done = (given: object, random = always(0.5)) => commandTaker(random)(command(given), NOW);
const say = (status: string, result?: object) => ({ say: { id: ID, status, ...(result && { result }) } });

describe('a simulated device that gets a command', () => {
  it('sets its interval', () => {
    expect(done({ name: 'set_interval', params: { seconds: 5 } })).toEqual([
      { speakEvery: 5000 },
      say('succeeded', { interval: 5 }),
    ]);
  });

  it.each([0, 86_401, '5', null, undefined])('takes no interval of %j', (seconds) => {
    expect(done({ name: 'set_interval', params: { seconds } })).toEqual([
      say('failed', { error: 'seconds takes a number from 1 to 86400' }),
    ]);
  });

  it('starts again, and says how long it has been up', () => {
    const [first, down, last] = done({ name: 'reboot' }, seededRandom(3));
    expect(first).toEqual(say('acknowledged'));
    expect(down).toEqual({ downFor: expect.closeTo(3_500, -3.5) });
    expect(last).toEqual(say('succeeded', { uptime: expect.closeTo(1, 0) }));
  });

  it('blinks', () => {
    expect(done({ name: 'identify' })).toEqual([say('acknowledged'), { busyFor: 1000 }, say('succeeded')]);
  });

  it.each(['dance', 'toString', '__proto__', ''])('does not know %j', (name) => {
    expect(done({ name })).toEqual([say('failed', { error: `unknown command ${name}` })]);
  });

  it('does nothing that has expired', () => {
    const late = { name: 'reboot', expires_at: new Date(NOW).toISOString() };
    expect(done(late)).toEqual([say('failed', { error: 'expired' })]);
    expect(done({ name: 'identify', expires_at: 'some day' })).toHaveLength(3);
  });

  it('fails now and then, with a reason', () => {
    expect(done({ name: 'reboot' }, always(0))).toEqual([say('failed', { error: 'battery too low' })]);
    const take = commandTaker(seededRandom(1));
    const failures = Array.from({ length: 1200 }, (_, index) =>
      take(command({ id: `${index}`, name: 'identify' }), NOW),
    ).filter((steps) => steps.length === 1);
    expect(failures.length).toBeGreaterThan(60);
    expect(failures.length).toBeLessThan(140);
  });

  it('answers one that comes again as it did, and does it once', () => {
    const take = commandTaker(always(0.5));
    const asked = (name: string) => take(command({ name, params: { seconds: 5 } }), NOW);
    const first = asked('set_interval');
    expect(asked('set_interval')).toEqual([first.at(-1)]);
    expect(take(command({ name: 'set_interval' }), NOW + 120_000)).toEqual([first.at(-1)]);
    for (let other = 0; other < 100; other += 1) take(command({ id: `${other}`, name: 'identify' }), NOW);
    expect(asked('set_interval')).toEqual(first);
  });

  it('does not mind what is no command', () => {
    const take = commandTaker(always(0.5));
    const nothing: Step[] = [];
    for (const payload of ['', '{', '"reboot"', '[]', 'null', '{"id":1,"name":"reboot"}', '{"id":"a"}']) {
      expect(take(new TextEncoder().encode(payload), NOW)).toEqual(nothing);
    }
    expect(take(new Uint8Array([0xff, 0x00]), NOW)).toEqual(nothing);
  });
});
