import { NoAnswer } from '../../service/bounded.ts';
import { PlatformError } from '../../service/errors.ts';
import { RefusedAddress } from '../../service/guard.ts';
import { FetchRefused } from '../../service/guarded-fetch.ts';
import { SealBroken } from '../../service/seal.ts';

/** A notification did not arrive, in words for who looks after the channel. */
export class NotDelivered extends Error {
  override readonly name = 'NotDelivered';
  readonly code: string;
  /** Trying again is of no use. */
  readonly isFinal: boolean;
  /** The receiver asks not to be tried before so many milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What it said. */
  readonly answer: string | undefined;

  constructor(
    code: string,
    message: string,
    more: { isFinal?: boolean; retryAfterMs?: number | undefined; answer?: string | undefined } = {},
  ) {
    super(message);
    this.code = code;
    this.isFinal = more.isFinal ?? false;
    this.retryAfterMs = more.retryAfterMs;
    this.answer = more.answer;
  }
}

const closed = ['connection_closed', 'The receiver ended the connection without an answer.'] as const;
const unreachable = ['unreachable', 'There is no way through the network to the receiver.'] as const;

/** By the codes of Node and of libuv and OpenSSL beneath it. */
const byCode: Record<string, readonly [code: string, message: string]> = {
  ENOTFOUND: ['host_not_found', 'The host name does not exist.'],
  EDNS: ['host_not_found', 'The host name does not exist.'],
  ENODATA: ['host_not_found', 'The host name has no address.'],
  EAI_AGAIN: ['name_server_away', 'The name server did not answer.'],
  ECONNREFUSED: ['refused', 'Nothing listens on this port of the host.'],
  ETIMEDOUT: ['no_answer', 'No answer: is a firewall in between?'],
  ECONNRESET: closed,
  EPIPE: closed,
  ECONNECTION: closed,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  EPROTO: ['not_tls', 'This port does not speak TLS.'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['not_tls', 'This port does not speak TLS.'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['not_tls', 'This port does not speak TLS.'],
  CERT_HAS_EXPIRED: ['certificate_expired', 'The receiver’s certificate has expired.'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate_for_another_host',
    'The receiver’s certificate is for another host.',
  ],
};
const untrusted = [
  'certificate_untrusted',
  'The receiver’s certificate was issued by nobody who is known.',
] as const;
for (const code of [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])
  byCode[code] = untrusted;

/** What any error on the way to a receiver becomes. */
export function notDelivered(error: unknown): NotDelivered {
  if (error instanceof NotDelivered) return error;
  if (error instanceof RefusedAddress) return new NotDelivered('address_refused', `${error.message}.`);
  if (error instanceof NoAnswer)
    return new NotDelivered('no_answer', `No answer within ${error.milliseconds / 1000} s.`);
  if (error instanceof FetchRefused)
    return new NotDelivered('bad_answer', `The receiver’s answer can’t be taken: ${error.message}.`);
  if (error instanceof SealBroken)
    return new NotDelivered(
      'secret_lost',
      'Its URL can’t be read any more, for SECRET_KEY has changed: enter it anew.',
      {
        isFinal: true,
      },
    );
  if (error instanceof PlatformError) return new NotDelivered(error.code, error.message);
  const code = codesOf(error).find((one) => Object.hasOwn(byCode, one));
  if (code) return new NotDelivered(...byCode[code]!);
  const what = codesOf(error)[0] ?? (error instanceof Error ? error.name : typeof error);
  if (what.startsWith('HPE_')) return new NotDelivered('not_http', 'The receiver’s answer is not HTTP.');
  return new NotDelivered('unknown', `It failed: ${what.slice(0, 100)}.`);
}

/** Of an error and what is behind it. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  // Nodemailer puts its own code in place of the system's, and keeps that one.
  const { code, originalCode } = error as { code?: unknown; originalCode?: unknown };
  const own = [originalCode, code].filter((one) => typeof one === 'string');
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesOf) : codesOf(error.cause);
  return [...own, ...inner];
}
