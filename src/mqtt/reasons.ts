/** Return codes of a CONNACK of MQTT 3.1.1, table 3.1. */
const returnCodes = {
  1: 'unsupported_version',
  2: 'client_id_rejected',
  3: 'server_unavailable',
  4: 'bad_credentials',
  5: 'not_authorized',
} as const;

/** Reason codes of MQTT 5, section 2.4, in whichever packet they come; of 3.1.1's SUBACK there is 0x80 alone. */
const reasonCodes = {
  16: 'no_matching_subscribers',
  128: 'unspecified_error',
  129: 'malformed_packet',
  130: 'protocol_error',
  131: 'implementation_error',
  132: 'unsupported_version',
  133: 'client_id_rejected',
  134: 'bad_credentials',
  135: 'not_authorized',
  136: 'server_unavailable',
  137: 'server_busy',
  138: 'banned',
  139: 'server_shutting_down',
  140: 'bad_authentication_method',
  141: 'keep_alive_timeout',
  142: 'taken_over',
  143: 'topic_filter_invalid',
  144: 'topic_invalid',
  145: 'packet_id_in_use',
  147: 'receive_maximum_exceeded',
  148: 'topic_alias_invalid',
  149: 'packet_too_large',
  150: 'message_rate_too_high',
  151: 'quota_exceeded',
  152: 'administrative_action',
  153: 'payload_format_invalid',
  154: 'retain_not_supported',
  155: 'qos_not_supported',
  156: 'use_another_server',
  157: 'server_moved',
  158: 'shared_subscriptions_not_supported',
  159: 'connection_rate_exceeded',
  160: 'maximum_connect_time',
  161: 'subscription_identifiers_not_supported',
  162: 'wildcard_subscriptions_not_supported',
} as const;

type ReasonCodes = { readonly [Code in keyof typeof reasonCodes as (typeof reasonCodes)[Code]]: Code };

/** Reason codes of MQTT 5 by their words. */
export const reasonCode = Object.fromEntries(
  Object.entries(reasonCodes).map(([code, word]) => [word, Number(code)]),
) as ReasonCodes;

/** What a broker says, in stable words. */
export type BrokerReason =
  | (typeof returnCodes)[keyof typeof returnCodes]
  | (typeof reasonCodes)[keyof typeof reasonCodes]
  | 'disconnected';

/** What only our side can say. */
export type OwnReason =
  /** `open` rejected; its error is the cause. */
  | 'unreachable'
  | 'connect_timeout'
  | 'subscribe_timeout'
  | 'publish_timeout'
  | 'connection_lost'
  /** `mayConnect` said no. */
  | 'held_back'
  /** As many messages of earlier connections as the window holds are not acknowledged yet. */
  | 'backlog'
  | 'not_connected'
  /** Too much waits to be published. */
  | 'congested'
  | 'stopped'
  | 'internal_error';

export type Reason = BrokerReason | OwnReason;

const words: Readonly<Record<number, BrokerReason>> = { 0: 'disconnected', ...returnCodes, ...reasonCodes };

/** The word for a code of CONNACK, SUBACK, PUBACK or DISCONNECT. */
export function reasonOf(code: number): BrokerReason {
  return words[code] ?? 'unspecified_error';
}

/** Letters kept of what a broker or a library says; it is shown and stored. */
const DETAIL_LENGTH = 300;

/** Why a connection ended or was not made, or why a publish came to nothing. */
export class MqttFailure extends Error {
  override readonly name = 'MqttFailure';
  readonly reason: Reason;
  /** The broker's own words, or the system's. */
  readonly detail: string | undefined;
  /** The code in the broker's packet, where it is one that said it. */
  readonly code: number | undefined;
  /** Which packet that was: CONNACK refuses the connection, PUBACK one message, DISCONNECT ends all there is. */
  readonly packet: 'connack' | 'puback' | 'disconnect' | undefined;

  constructor(reason: Reason, more: Partial<Pick<MqttFailure, 'detail' | 'code' | 'packet' | 'cause'>> = {}) {
    const detail = more.detail?.slice(0, DETAIL_LENGTH);
    super(detail ? `${reason}: ${detail}` : reason, { cause: more.cause });
    this.reason = reason;
    this.detail = detail;
    this.code = more.code;
    this.packet = more.packet;
  }
}
