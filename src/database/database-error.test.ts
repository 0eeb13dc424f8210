import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { CannotConnect, isUnavailable } from './database-error.ts';

function sqlError(code: string): Error {
  return Object.assign(new pg.DatabaseError('no', 2, 'error'), { code });
}

/** On this hangs whether a batch is repeated or taken apart to find the message at fault. */
describe('isUnavailable', () => {
  test.each([
    ['refused', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['all addresses refused', new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })])],
    ['broken under a query', new Error('Connection terminated unexpectedly')],
    ['no answer to connecting, of a client', new Error('timeout expired')],
    ['no answer to connecting, of a pool', new Error('timeout exceeded when trying to connect')],
    ['no answer to a query', new Error('Query read timeout')],
    ['a certificate that has expired, say', new CannotConnect('certificate has expired')],
    ['shutting down', sqlError('57P01')],
    ['starting up', sqlError('57P03')],
    ['too many connections', sqlError('53300')],
    ['disk full', sqlError('53100')],
    ['password changed', sqlError('28P01')],
    ['database dropped', sqlError('3D000')],
    ['read-only: a standby took over', sqlError('25006')],
  ])('%s: yes', (_, error) => {
    expect(isUnavailable(error)).toBe(true);
  });

  test.each([
    ['a value out of range', sqlError('22003')],
    ['a reference to what is gone', sqlError('23503')],
    ['a statement cancelled', sqlError('57014')],
    ['a deadlock', sqlError('40P01')],
    ['our own mistake', new TypeError('undefined is not a function')],
    ['no error at all', undefined],
  ])('%s: no', (_, error) => {
    expect(isUnavailable(error)).toBe(false);
  });
});
