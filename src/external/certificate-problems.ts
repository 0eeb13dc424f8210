import type { Circumstances, Words } from './problems.ts';

/** What can be wrong with certificates, by the codes of X.509 verification (openssl-verify(1)) and TLS alerts. */

const untrusted: Words = ({ hasCa }) =>
  hasCa
    ? {
        code: 'certificate_untrusted',
        message: 'The broker’s certificate was not issued by the CA that was uploaded',
        advice: 'Upload the CA that issued the certificate which the broker uses now',
      }
    : {
        code: 'certificate_untrusted',
        message: 'The certificate is self-signed or its authority is not known: upload the CA',
        advice:
          'Upload the CA’s certificate (PEM). Of a self-signed certificate it is the certificate itself',
      };

const weak: Words = () => ({
  code: 'certificate_weak',
  message: 'The certificate’s key or signature is too weak to be trusted',
  advice: 'Have the certificate made again, with RSA of 2048 bits or more and SHA-256',
});

const clientCertificate: Words = ({ hasClientCertificate }) =>
  hasClientCertificate ? clientCertificateRefused() : clientCertificateWanted();

const clientCertificateWanted = () => ({
  code: 'client_certificate_wanted',
  message: 'A client certificate is wanted',
  advice: 'Upload a client certificate and its key, issued by a CA that the broker trusts',
});

const clientCertificateRefused = () => ({
  code: 'client_certificate_refused',
  message: 'The broker does not accept the client certificate',
  advice: 'Check that a CA which the broker trusts issued it, and that it has not expired or been revoked',
});

const tlsVersion: Words = () => ({
  code: 'tls_version',
  message: 'The broker speaks no version of TLS that is safe',
  advice: 'Have it offer TLS 1.2 or 1.3',
});

/** At most this many names of a certificate are told. */
const MOST_NAMES = 3;

function otherHost(at: Circumstances, error: object): ReturnType<Words> {
  const names = namesOf(error);
  const asked = 'host' in error && typeof error.host === 'string' ? error.host : (at.host ?? 'this host');
  return {
    code: 'certificate_for_another_host',
    message:
      names.length === 0
        ? `The certificate names no host, so it is not for ${asked}`
        : `The certificate is for ${names.join(', ')}, not for ${asked}: use that name`,
    advice:
      names.length === 0
        ? 'Have it made again with the host’s name as a subject alternative name'
        : 'Write that name in the URL, or set it as the server name if it does not lead to the broker',
  };
}

/** Of the certificate that Node hangs on the error: `DNS:a.example, IP Address:10.0.0.5`. */
function namesOf(error: object): string[] {
  if (!('cert' in error) || typeof error.cert !== 'object' || error.cert === null) return [];
  const { subjectaltname, subject } = error.cert as { subjectaltname?: unknown; subject?: { CN?: unknown } };
  const given =
    typeof subjectaltname === 'string'
      ? [...subjectaltname.slice(0, 2000).matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)].map(([, name]) => name!)
      : [subject?.CN].filter((name) => typeof name === 'string');
  return given.slice(0, MOST_NAMES).map((name) => name.slice(0, 253));
}

export const certificateProblems: Record<string, Words> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_REJECTED: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  INVALID_CA: untrusted,
  INVALID_PURPOSE: () => ({
    code: 'certificate_purpose',
    message: 'The certificate is not one for a server',
    advice: 'Have the broker use a certificate with the extended key usage serverAuth',
  }),
  CERT_HAS_EXPIRED: () => ({
    code: 'certificate_expired',
    message: 'The certificate has expired',
    advice: 'Renew it on the broker, then test again',
  }),
  CERT_NOT_YET_VALID: () => ({
    code: 'certificate_not_yet_valid',
    message: 'The certificate is not valid yet',
    advice: 'Check the clock of the machine that made it',
  }),
  CERT_REVOKED: () => ({
    code: 'certificate_revoked',
    message: 'The certificate has been revoked',
    advice: 'Have the broker use a new one',
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: otherHost,
  EE_KEY_TOO_SMALL: weak,
  CA_KEY_TOO_SMALL: weak,
  CA_MD_TOO_WEAK: weak,
  ERR_SSL_EE_KEY_TOO_SMALL: weak,
  ERR_SSL_CA_MD_TOO_WEAK: weak,
  ERR_SSL_DH_KEY_TOO_SMALL: weak,
  ERR_SSL_UNSUPPORTED_PROTOCOL: tlsVersion,
  ALERT_PROTOCOL_VERSION: tlsVersion,
  ALERT_CERTIFICATE_REQUIRED: clientCertificate,
  ALERT_HANDSHAKE_FAILURE: clientCertificate,
  ALERT_UNKNOWN_CA: clientCertificate,
  ALERT_BAD_CERTIFICATE: clientCertificate,
  ALERT_CERTIFICATE_UNKNOWN: clientCertificate,
  ALERT_UNSUPPORTED_CERTIFICATE: clientCertificate,
  ALERT_CERTIFICATE_EXPIRED: clientCertificate,
  ALERT_CERTIFICATE_REVOKED: clientCertificate,
  ALERT_DECRYPT_ERROR: clientCertificate,
  ALERT_ACCESS_DENIED: clientCertificate,
  ALERT_UNRECOGNIZED_NAME: () => ({
    code: 'server_name_unknown',
    message: 'The broker has no certificate for this name',
    advice: 'Use the name that the broker’s certificate is for',
  }),
};
