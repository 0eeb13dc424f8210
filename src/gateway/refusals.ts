import type { GatewayCredential } from '../database/gateway.ts';
import { type ActivityReason, activityReasons } from '../domain/activity.ts';
import type { IntegrationRules } from '../ingest/integration-rules.ts';
import { field, packetOf, withLength } from '../mqtt/encode.ts';
import { packetType } from '../mqtt/packet.ts';
import { property } from '../mqtt/properties.ts';
import { reasonCode } from '../mqtt/reasons.ts';

/** What is known of a client that is not let in. */
export interface Refusal {
  reason: ActivityReason;
  detail?: string;
  /** Of the CONNECT, or the newest that may be meant by it. */
  protocolLevel: number;
  /** In the words of that version, where it is not the reason's own: the engine's, or a malformed packet's. */
  code?: number;
  clientId?: string;
  /** The will's, where it is at fault. */
  topic?: string;
  /** Whose credential it named, if anybody's. */
  credential?: GatewayCredential;
  integration?: IntegrationRules;
  /** Its owner was told of the same lately. */
  isKnown?: boolean;
}

export class ConnectRefused extends Error {
  override readonly name = 'ConnectRefused';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

/** CONNACK's codes in 3.1.1 (table 3.1) and in MQTT 5 (section 3.2.2.2). */
const codes: Partial<Record<ActivityReason, readonly [older: number, newer: number]>> = {
  unsupported_protocol: [1, reasonCode.unsupported_version],
  invalid_client_id: [2, reasonCode.client_id_rejected],
  engine_unavailable: [3, reasonCode.server_unavailable],
  engine_node_lost: [3, reasonCode.server_unavailable],
  engine_refused: [3, reasonCode.server_unavailable],
  bad_password: [4, reasonCode.bad_credentials],
  unknown_user: [4, reasonCode.bad_credentials],
  packet_too_large: [5, reasonCode.packet_too_large],
  message_bytes_limit: [5, reasonCode.packet_too_large],
  connections_limit: [3, reasonCode.quota_exceeded],
  unsupported_authentication: [5, reasonCode.bad_authentication_method],
};
const notAuthorized = [5, reasonCode.not_authorized] as const;

/** The CONNACK of a refused client, in the words of its own version. */
export function refusingConnack({ reason, protocolLevel, code }: Refusal): Buffer {
  const [older, newer] = codes[reason] ?? notAuthorized;
  if (protocolLevel < 5) return Buffer.from([0x20, 2, 0, code ?? older]);
  const sentence = Buffer.concat([Buffer.from([property.reasonString]), field(activityReasons[reason])]);
  return packetOf(packetType.connack << 4, Buffer.from([0, code ?? newer]), withLength(sentence));
}
