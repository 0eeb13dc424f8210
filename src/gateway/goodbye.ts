import { type ActivityReason, activityReasons } from '../domain/activity.ts';
import { field, packetOf, withLength } from '../mqtt/encode.ts';
import { packetType } from '../mqtt/packet.ts';
import { property } from '../mqtt/properties.ts';
import { reasonCode } from '../mqtt/reasons.ts';
import type { Ending, Session } from './context.ts';

/** DISCONNECT's reason where the gateway ends a connection of MQTT 5 (section 3.14.2.1). */
const codes: Partial<Record<ActivityReason, number>> = {
  malformed_packet: reasonCode.malformed_packet,
  protocol_violation: reasonCode.protocol_error,
  engine_unavailable: reasonCode.server_busy,
  engine_node_lost: reasonCode.server_busy,
  shutdown: reasonCode.server_shutting_down,
  keepalive_timeout: reasonCode.keep_alive_timeout,
  taken_over: reasonCode.taken_over,
  packet_too_large: reasonCode.packet_too_large,
  message_bytes_limit: reasonCode.packet_too_large,
  messages_per_second_limit: reasonCode.quota_exceeded,
  bytes_per_second_limit: reasonCode.quota_exceeded,
  // The operator's doing, or the owner's.
  revoked: reasonCode.administrative_action,
  certificate_expired: reasonCode.not_authorized,
  disconnected_by_admin: reasonCode.administrative_action,
};

/** The words that a client of MQTT 5 goes with; undefined where its version has none, or it is not there to hear them. */
export function goodbye(ending: Ending, session: Session): Buffer | undefined {
  if (session.protocolLevel < 5) return undefined;
  const { reason, detail, code = codes[reason] } = ending;
  if (code === undefined) return undefined;
  const sentence = Buffer.concat([
    Buffer.from([property.reasonString]),
    field(detail === '' ? activityReasons[reason] : detail),
  ]);
  const packet = packetOf(packetType.disconnect << 4, Buffer.from([code]), withLength(sentence));
  // [MQTT-3.14.2-3]
  if (packet.length <= session.maximumPacketSize) return packet;
  return packetOf(packetType.disconnect << 4, Buffer.from([code]));
}

/** How a connection ends that the engine ends with DISCONNECT, by its reason. */
export function endingByEngine(code: number): Ending {
  if (code === reasonCode.taken_over) return { reason: 'taken_over', detail: '', manner: 'taken_over' };
  const detail = `the engine ended the connection (0x${code.toString(16)})`;
  return { reason: 'protocol_violation', detail, manner: 'lost', code };
}
