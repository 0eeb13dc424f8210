import type { ConnectionProblem } from '../contract/connection-test.ts';
import type { ConsumerState } from '../mqtt/consumer-options.ts';
import type { MqttFailure, Reason } from '../mqtt/reasons.ts';
import { connectRefusal, disconnectProblem, type MqttVersion } from './mqtt-refusals.ts';
import { problemOf } from './problems.ts';

/** What trying a connection out does not run into. */
const own: Partial<Record<Reason, readonly [message: string, advice: string]>> = {
  connect_timeout: ['The broker did not answer in time', 'See whether it is busy; we try again'],
  subscribe_timeout: ['The broker did not answer the subscription in time', 'See its log; we try again'],
  publish_timeout: ['The broker did not confirm a message in time', 'See its log; we try again'],
  congested: ['Too much waits for the broker', 'See whether it is busy; we try again'],
  not_connected: ['There is no connection at the moment', 'We try again'],
  stopped: ['The connection was closed from here', 'We try again'],
  keep_alive_timeout: ['The broker was silent for too long', 'See whether it is busy; we try again'],
  connection_lost: ['The connection ended without a reason', 'See the broker’s log; we try again'],
  taken_over: [
    'Another client with our client id took the session over',
    'See that nobody else uses it, or set another client id',
  ],
  held_back: ['Another process of the platform holds this connection', 'Nothing is to be done'],
  backlog: ['The messages before are not stored yet', 'We go on when the database is back'],
  protocol_error: ['The broker sent what is no valid MQTT', 'Try the other MQTT version'],
  malformed_packet: ['The broker sent what is no valid MQTT', 'Try the other MQTT version'],
};

/** In plain words, and what to do. */
export function consumerProblem(
  state: Extract<ConsumerState, { state: 'retrying' | 'refused' }>,
  version: MqttVersion,
): ConnectionProblem {
  if (state.state === 'refused') return failureProblem({ ...state, packet: 'connack' }, version);
  return failureProblem(state, version);
}

/** The same of one failure. */
export function failureProblem(
  { reason, detail, code, packet, cause }: Pick<MqttFailure, 'reason'> & Partial<MqttFailure>,
  version: MqttVersion,
): ConnectionProblem {
  const refusal = packet === 'connack' && code !== undefined && connectRefusal(version, code);
  if (refusal) return refusal;
  if (reason === 'unreachable') return problemOf(cause);
  const known = own[reason];
  if (known) return { code: reason, message: known[0], advice: known[1] };
  if (code !== undefined) return disconnectProblem(code);
  return { code: reason, message: detail ?? 'The connection could not be held', advice: 'We try again' };
}
