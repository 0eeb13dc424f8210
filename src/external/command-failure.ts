import type { ConnectionProblem } from '../contract/connection-test.ts';
import type { CommandReason } from '../domain/command.ts';
import type { Sent } from '../domain/sending.ts';
import type { MqttFailure, Reason } from '../mqtt/reasons.ts';
import { failureProblem } from './consumer-problem.ts';
import { type MqttVersion, publishRefusal } from './mqtt-refusals.ts';

/** How often what somebody has to put right is tried all the same. */
const FEW = 5;

/** What passes by itself. */
const busy: readonly Reason[] = [
  'congested',
  'server_busy',
  'quota_exceeded',
  'message_rate_too_high',
  'receive_maximum_exceeded',
  'connection_rate_exceeded',
];
/** What is said of one message, whoever says it: the broker by PUBACK, or ours by what CONNACK has told. */
const ofMessage: readonly Reason[] = ['topic_invalid', 'qos_not_supported', 'packet_too_large'];
const ofOurs: Partial<Record<Reason, readonly [message: string, advice: string]>> = {
  packet_too_large: ['The broker takes no message of this size', 'Send less, or raise its limit'],
  qos_not_supported: [
    'The broker takes no QoS 1, so nothing would be confirmed',
    'Allow QoS 1 on the broker',
  ],
};
const TOPIC_INVALID = 0x90;
/** A DISCONNECT with one of these is the answer to a message, most likely. */
const likelyOfMessage: readonly Reason[] = [...ofMessage, 'not_authorized', 'payload_format_invalid'];
/** Problems that are in the settings: nothing that happens at the broker makes them go. */
const ofSettings =
  /^(url_invalid|address_refused|client_certificate_incomplete|client_key_mismatch|\w+_unreadable)$/;

/** What a failure to publish a command means for it. */
export function sentOf(
  failure: MqttFailure,
  { topic, version }: { topic: string; version: MqttVersion },
): Sent {
  const { reason, packet } = failure;
  // It has taken it, and let it go again.
  if (reason === 'no_matching_subscribers') return { outcome: 'retry', reason: 'device_away', detail: '' };
  const isOfMessage = packet === 'puback' || (packet === undefined && ofMessage.includes(reason));
  const problem = isOfMessage ? messageProblem(failure, topic) : failureProblem(failure, version);
  const detail = `${problem.message}. ${problem.advice}.`;
  const retry = (why: CommandReason, most?: number): Sent => ({
    outcome: 'retry',
    reason: why,
    detail,
    ...(most !== undefined && { most }),
  });
  if (busy.includes(reason)) return retry('broker_busy');
  const ofWhich = reason === 'packet_too_large' ? 'too_large' : 'publish_refused';
  if (isOfMessage) return { outcome: 'undeliverable', reason: ofWhich, detail };
  if (packet === 'disconnect' && likelyOfMessage.includes(reason)) return retry(ofWhich, FEW);
  if (packet === 'connack' && reason !== 'server_unavailable') return retry('broker_refused', FEW);
  if (reason === 'unreachable' && ofSettings.test(problem.code))
    return { outcome: 'undeliverable', reason: 'bad_settings', detail };
  return retry('broker_away');
}

function messageProblem({ reason, code }: MqttFailure, topic: string): ConnectionProblem {
  const known = ofOurs[reason];
  if (known) return { code: reason, message: known[0], advice: known[1] };
  return publishRefusal(topic, code ?? TOPIC_INVALID)!;
}
