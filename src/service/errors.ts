/**
 * One catalogue of errors. Each edge translates: `http` to a problem detail and a status, `gateway`
 * to an MQTT reason. No status code of any protocol stands here.
 */
export const errorTitles = {
  invalid_request: 'The request is not valid',
  unauthenticated: 'Sign in or send an API key',
  forbidden: 'Your role does not allow this',
  not_found: 'There is no such thing here',
  method_not_allowed: 'This address does not take that method',
  conflict: 'It exists already or has changed meanwhile',
  gone: 'This link has been used or has expired',
  payload_too_large: 'The body is too large',
  unsupported_media_type: 'The body is not of a type that is read here',
  unprocessable: 'The body is not in a form that is known here',
  idempotency_key_reused: 'This Idempotency-Key came with another request before',
  limit_reached: 'A limit of the organization is reached',
  too_many_requests: 'Too many requests',
  messages_per_second_limit: 'The organization sends more messages a second than it may',
  devices_limit: 'The organization has as many devices as it may',
  bytes_per_second_limit: 'The organization sends more bytes a second than it may',
  unavailable: 'The database is away; try again shortly',
  internal: 'Something went wrong on our side',
} as const;

export type ErrorCode = keyof typeof errorTitles;

export interface PlatformErrorOptions {
  /** JSON path of the field at fault, as `body.label` or `query.cursor`. */
  field?: string;
  /** Seconds after which a retry makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

/** An error that a caller is meant to see. Anything else becomes `internal` and is logged. */
export class PlatformError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options: PlatformErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = 'PlatformError';
    this.code = code;
    this.field = options.field;
    this.retryAfter = options.retryAfter;
  }
}
