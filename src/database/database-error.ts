import pg from 'pg';
import { PlatformError } from '../service/errors.ts';

/** Connections refused, broken or timed out, as Node names them. */
const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);
/** What pg says without any code when a connection ends under it. */
const connectionMessages =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|not queryable|Cannot use a pool after calling end/;

/**
 * SQLSTATE classes that mean "not now": connection exceptions, a connection that is not let in (the password or the
 * database has changed), insufficient resources, operator intervention.
 */
const unavailableStates = /^(08|28|3D|53|57P0[1-5]|25006)/;

/** Seconds that a caller is asked to wait when the database is away. */
const RETRY_AFTER = 2;

/** No connection could be had. Whatever the reason is, it says nothing of what was to be asked. */
export class CannotConnect extends Error {
  override readonly name = 'CannotConnect';
}

/** True when PostgreSQL could not be reached or is going away: the same work may succeed shortly. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof CannotConnect) return true;
  const { code } = error as { code?: unknown };
  // A fatal error ends the connection, or is why there is none, whatever its code.
  if (error instanceof pg.DatabaseError)
    return error.severity === 'FATAL' || unavailableStates.test(error.code ?? '');
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  return typeof code === 'string' ? connectionCodes.has(code) : connectionMessages.test(error.message);
}

/** True when the same work may succeed if it is done again: also after a deadlock, and for an error that is translated. */
export function isTransient(error: unknown): boolean {
  if (error instanceof PlatformError) return error.code === 'unavailable' || isTransient(error.cause);
  if (error instanceof pg.DatabaseError && (error.code === '40001' || error.code === '40P01')) return true;
  return isUnavailable(error);
}

/**
 * The one place where what PostgreSQL says becomes what a caller is told. Messages of our own triggers and
 * functions are written for people and carry no constraint's name; PostgreSQL's own never leave.
 * @returns the error itself when it is nobody's fault but ours
 */
export function translated(error: unknown): unknown {
  if (isUnavailable(error)) {
    return new PlatformError('unavailable', 'The database can’t be reached at the moment.', {
      retryAfter: RETRY_AFTER,
      cause: error,
    });
  }
  if (!(error instanceof pg.DatabaseError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case '23505':
      return new PlatformError('conflict', uniqueDetail(error), options);
    case '23503':
      return new PlatformError(
        'conflict',
        error.constraint ? 'What this refers to is gone, or still in use.' : sentence(error.message),
        options,
      );
    case '23514':
      return error.constraint
        ? new PlatformError('invalid_request', checkDetail(error), options)
        : new PlatformError('conflict', sentence(error.message), options);
    // A time or number beyond what is stored, or a character 0.
    case '22003':
    case '22007':
    case '22008':
    case '22021':
      return new PlatformError('invalid_request', 'A value is outside of what can be stored.', options);
    case '42501':
      return new PlatformError('forbidden', 'Your role does not allow this.', options);
    // Of our own: a limit that only the database can keep.
    case 'NN002':
      return new PlatformError('limit_reached', sentence(error.message), options);
    case '40001':
    case '40P01':
      return new PlatformError('conflict', 'It was changed by someone else meanwhile. Try again.', options);
    case '57014':
      return new PlatformError(
        'limit_reached',
        'This took longer than is allowed. Ask for less, such as a shorter span.',
        options,
      );
    default:
      return error;
  }
}

const uniqueDetails: Record<string, string> = {
  device_types_organization_id_name_key: 'There is a device type with this name already.',
  devices_organization_id_external_device_id_key: 'There is a device with this external_device_id already.',
  organization_members_pkey: 'This user is a member already.',
  user_email_key: 'There is an account with this e-mail address already.',
};

function uniqueDetail(error: pg.DatabaseError): string {
  return uniqueDetails[error.constraint ?? ''] ?? 'It exists already.';
}

const checkDetails: Record<string, string> = {
  devices_tags_check: 'A device can have up to 20 tags, of 1 to 50 characters each.',
};

function checkDetail(error: pg.DatabaseError): string {
  return checkDetails[error.constraint ?? ''] ?? 'A value is outside of what is allowed here.';
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
