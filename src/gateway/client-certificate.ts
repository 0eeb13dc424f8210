import type { TLSSocket } from 'node:tls';
import type { ActivityReason } from '../domain/activity.ts';
import { certificateKey } from './revocation-list.ts';

/** The certificate that a client has shown, and proven to be its own by the handshake. */
export interface ClientCertificate {
  /** Whom it names; undefined if it names nobody, or several. */
  username: string | undefined;
  /** Why it lets nobody in. */
  problem: { reason: ActivityReason; detail: string } | undefined;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** What revocation lists call it. */
  key: string;
}

/** OpenSSL's words for what is wrong with a certificate, where there is a word of ours. All others: it is not trusted. */
const reasons: Record<string, ActivityReason> = {
  CERT_HAS_EXPIRED: 'certificate_expired',
  CERT_REVOKED: 'certificate_revoked',
};

/**
 * @param isRevoked by a list that may be newer than the handshake, or than the session that it resumed
 * @returns undefined when it came without
 */
export function clientCertificate(
  socket: TLSSocket,
  isRevoked: (key: string) => boolean,
): ClientCertificate | undefined {
  const shown = socket.getPeerX509Certificate();
  if (!shown) return undefined;
  const key = certificateKey(shown.raw);
  const expiresAt = shown.validToDate.getTime();
  const { subject } = shown.toLegacyObject();
  const certificate = { username: nameIn(subject?.CN, shown.subjectAltName), expiresAt, key };
  if (!socket.authorized) {
    const detail = String(socket.authorizationError);
    return { ...certificate, problem: { reason: reasons[detail] ?? 'certificate_untrusted', detail } };
  }
  const reason = isRevoked(key)
    ? 'certificate_revoked'
    : expiresAt <= Date.now()
      ? 'certificate_expired'
      : undefined;
  return { ...certificate, problem: reason && { reason, detail: '' } };
}

/**
 * The subject's common name, or, if it has none, the only name in subjectAltName.
 * @param names as Node writes them: `DNS:a, DNS:b`, in quotes what could be mistaken
 */
export function nameIn(
  commonName: string | string[] | undefined,
  names: string | undefined,
): string | undefined {
  if (commonName !== undefined) return typeof commonName === 'string' ? commonName : undefined;
  return /^(?:DNS|URI|email):([^\s",]+)$/.exec(names ?? '')?.[1];
}
