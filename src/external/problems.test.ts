import { describe, expect, test } from 'vitest';
import { NoAnswer } from '../service/bounded.ts';
import { RefusedAddress } from '../service/guard.ts';
import { type Attempted, ConnectionClosed, ConnectionError, KnownProblem } from './connection-error.ts';
import { connectRefusal, subscribeRefusal } from './mqtt-refusals.ts';
import { problemOf } from './problems.ts';

const attempted: Attempted = {
  step: 'connect',
  scheme: 'mqtts',
  host: '10.0.0.5',
  port: 1884,
  hasCa: false,
  hasClientCertificate: false,
};
const at = (changes: Partial<Attempted>, cause: unknown) =>
  problemOf(new ConnectionError({ ...attempted, ...changes }, cause));
const coded = (code: string, more: object = {}) => Object.assign(new Error(code), { code, ...more });

describe('an error in words', () => {
  test.each([
    ['ENOTFOUND', 'resolve', 'host_not_found', 'The host name does not exist'],
    ['EAI_AGAIN', 'resolve', 'name_server_away', 'The name server did not answer'],
    ['ECONNREFUSED', 'connect', 'port_closed', 'Nothing listens on port 1884 of this host'],
    ['ETIMEDOUT', 'connect', 'no_answer', 'No answer: is a firewall in between?'],
    ['EHOSTUNREACH', 'connect', 'unreachable', 'There is no way through the network to this host'],
    ['ENETUNREACH', 'connect', 'unreachable', 'There is no way through the network to this host'],
    ['ECONNRESET', 'tls', 'connection_closed', 'The broker ended the connection without a reason'],
    ['EPIPE', 'mqtt', 'connection_closed', 'The broker ended the connection without a reason'],
    ['EPROTO', 'tls', 'not_tls', 'This port does not speak TLS: use mqtt://'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'not_tls', 'This port does not speak TLS: use mqtt://'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'certificate_untrusted', 'upload the CA'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'certificate_untrusted', 'upload the CA'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'certificate_untrusted', 'upload the CA'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls', 'certificate_untrusted', 'upload the CA'],
    ['CERT_HAS_EXPIRED', 'tls', 'certificate_expired', 'The certificate has expired'],
    ['CERT_NOT_YET_VALID', 'tls', 'certificate_not_yet_valid', 'The certificate is not valid yet'],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'mqtt',
      'client_certificate_wanted',
      'A client certificate',
    ],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'tls', 'client_certificate_wanted', 'A client certificate'],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', 'tls', 'client_certificate_wanted', 'A client certificate'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls', 'tls_version', 'no version of TLS that is safe'],
    ['HPE_INVALID_CONSTANT', 'websocket', 'not_websocket', 'This port does not speak WebSocket'],
    ['ESOMETHING', 'connect', 'unknown', 'The connection failed: ESOMETHING'],
  ] as const)('%s in the step %s', (code, step, name, message) => {
    const problem = at({ step }, coded(code));
    expect(problem).toMatchObject({ code: name, message: expect.stringContaining(message) });
    expect(problem.advice).not.toBe('');
    // A subscriber may have no more than the bare error.
    expect(problemOf(coded(code)).code).toBe(name);
  });

  test('what was uploaded changes the advice', () => {
    expect(at({ hasCa: true }, coded('DEPTH_ZERO_SELF_SIGNED_CERT')).message).toContain(
      'CA that was uploaded',
    );
    const alert = coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
    expect(at({ hasClientCertificate: true }, alert).code).toBe('client_certificate_refused');
  });

  test('a certificate for another host: its names, or that it has none', () => {
    const error = (cert: object) => coded('ERR_TLS_CERT_ALTNAME_INVALID', { host: '10.0.0.5', cert });
    const names = { subjectaltname: 'DNS:mqtt.example.com, IP Address:192.0.2.1, DNS:c, DNS:d' };
    expect(at({}, error(names)).message).toBe(
      'The certificate is for mqtt.example.com, 192.0.2.1, c, not for 10.0.0.5: use that name',
    );
    expect(at({}, error({ subject: { CN: 'old.example.com' } })).message).toContain(
      'for old.example.com, not',
    );
    expect(at({}, error({})).message).toBe('The certificate names no host, so it is not for 10.0.0.5');
  });

  test('silence, by the step that it was in', () => {
    const silence = (step: Attempted['step']) => at({ step }, new NoAnswer(5000)).message;
    expect(silence('connect')).toBe('No answer within 5 s: is a firewall in between?');
    expect(silence('mqtt')).toContain('something listens on port 1884, but does not answer to MQTT');
    expect(silence('round_trip')).toContain('did not come back');
  });

  test('a plain port that answers with a TLS alert', () => {
    const error = coded('HPE_INVALID_CONSTANT', { rawPacket: Buffer.from('15030300020246', 'hex') });
    expect(at({ step: 'websocket', scheme: 'ws' }, error).message).toBe('This port speaks TLS: use wss://');
  });

  test('several addresses, none of which answered', () => {
    const error = Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(at({}, error).code).toBe('port_closed');
  });

  test('errors that bring their own words', () => {
    const refused = new RefusedAddress('10.0.0.5 is a private address; the operator can allow it');
    expect(at({}, refused)).toMatchObject({ code: 'address_refused', message: refused.message });
    const known = { code: 'a', message: 'b', advice: 'c' };
    expect(at({}, new KnownProblem(known))).toEqual(known);
    expect(at({ step: 'subscribe' }, new ConnectionClosed('closed')).advice).toContain('topic');
  });

  test.each([undefined, null, 'text', 7, {}, { code: 7 }, { code: 'constructor' }, Object.create(null)])(
    'anything else is unknown and throws nothing: %j',
    (error) => {
      expect(problemOf(error).code).toBe('unknown');
    },
  );
});

describe('what the broker says', () => {
  test.each([
    [4, 0, undefined],
    [4, 1, 'version_refused'],
    [4, 2, 'client_id_refused'],
    [4, 3, 'broker_away'],
    [4, 4, 'bad_login'],
    [4, 5, 'bad_login'],
    [4, 99, 'refused'],
    [5, 0, undefined],
    [5, 1, 'version_refused'],
    [5, 0x84, 'version_refused'],
    [5, 0x86, 'bad_login'],
    [5, 0x87, 'bad_login'],
    [5, 0x88, 'broker_away'],
    [5, 0x8a, 'banned'],
    [5, 0xff, 'refused'],
  ] as const)('CONNACK of version %i with %i', (version, code, name) => {
    expect(connectRefusal(version, code)?.code).toBe(name);
  });

  test('a version that it does not speak', () => {
    expect(connectRefusal(5, 1)?.message).toBe('The broker does not speak MQTT 5: choose 3.1.1');
    expect(connectRefusal(4, 0x84)?.message).toBe('The broker does not speak MQTT 3.1.1: choose 5');
  });

  test('a filter', () => {
    expect([0, 1, 2].map((code) => subscribeRefusal('a', code))).toEqual([undefined, undefined, undefined]);
    expect(subscribeRefusal('devices/#', 0x80)?.message).toBe('The broker refused devices/#');
    expect(subscribeRefusal('devices/#', 0x87)?.message).toBe('The broker refused devices/#: not allowed');
    expect(subscribeRefusal('a', 0xfe)?.message).toBe('The broker refused a');
  });
});
