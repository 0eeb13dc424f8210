/** What `integration_activity_log` records, and why. Stable words: shown to people, counted, filtered by. */
export const activityEvents = [
  'connected',
  'disconnected',
  'connect_refused',
  'publish_refused',
  'subscribe_refused',
  'webhook_refused',
  'broker_connected',
  'broker_refused',
  'broker_lost',
  'limit_reached',
] as const;
export type ActivityEvent = (typeof activityEvents)[number];

/** Reasons of the events above, each with the sentence that tells its owner what to do. */
export const activityReasons = {
  bad_password: 'The password is wrong. Copy it again, or rotate the credential for a new one.',
  unknown_user: 'There is no credential with this user name.',
  credential_disabled: 'The credential is disabled. Enable it, or use another.',
  integration_stopped: 'The integration is stopped. Start it, and the bridge comes back.',
  credential_expired: 'The credential has expired. Use the one that replaced it.',
  certificate_expired: 'The client certificate, or one that leads to its authority, has expired.',
  certificate_revoked: 'The client certificate is on its authority’s revocation list.',
  certificate_untrusted: 'The client certificate is none that lets clients in here.',
  certificate_mismatch: 'The client certificate names one credential and the user name another.',
  unsupported_protocol:
    'This broker does not speak the client’s version of MQTT. Set the client to version 4 (3.1.1).',
  unsupported_authentication: 'This broker knows clients by user name and password, and no other method.',
  invalid_client_id:
    'The client id is not acceptable: up to 128 characters, and not empty with a kept session.',
  will_not_granted: 'The will’s topic is outside what the credential grants.',
  topic_not_granted: 'The topic is outside what the credential grants. Publish below its topic prefix.',
  filter_not_granted: 'The subscription reaches beyond what the credential grants.',
  packet_too_large: 'The packet is larger than the limit.',
  malformed_packet: 'The bytes are not valid MQTT.',
  protocol_violation: 'The packet is not allowed at this point.',
  keepalive_timeout: 'Nothing was heard for one and a half times the keep-alive.',
  connect_timeout: 'No CONNECT packet arrived in time.',
  taken_over: 'Another connection with the same client id took its place.',
  broker_away: 'The customer’s broker can’t be reached. We try again by ourselves.',
  broker_refused: 'The customer’s broker does not let us in. Check the settings.',
  filter_refused: 'The customer’s broker refuses to let us subscribe to the topic.',
  bad_token: 'The token is wrong or has expired. Copy it again, or make another.',
  bad_signature: 'The signature does not fit the body and the signing secret, or is older than five minutes.',
  unreadable_body: 'The body is in no form that is known here.',
  unreadable_message: 'The message names no topic, or its payload can’t be read.',
  message_too_large: 'The payload is larger than the limit.',
  revoked: 'The credential was disabled, deleted or changed.',
  disconnected_by_admin: 'An admin ended the connection. The client may connect again.',
  client_disconnected: 'The client said goodbye.',
  connection_lost: 'The connection ended without a goodbye.',
  engine_unavailable: 'The broker behind the gateway is away.',
  engine_node_lost:
    'A part of the broker behind the gateway is gone. The client may come back at once, to another.',
  engine_refused:
    'The broker behind the gateway does not take this client: too many kept sessions, or a client id with characters that it refuses.',
  messages_per_second_limit:
    'The organization’s limit of messages a second (messages_per_second_limit) is reached. What is sent faster waits.',
  bytes_per_second_limit:
    'The organization’s limit of bytes a second (bytes_per_second_limit) is reached. What is sent faster waits.',
  message_bytes_limit: 'The message is larger than the organization may send (message_bytes_limit).',
  devices_limit:
    'The organization has as many devices as it may (devices_limit): messages of new ones are in quarantine.',
  subscriptions_limit:
    'The organization has as many subscriptions as it may (subscriptions_limit). Unsubscribe some, or have the limit raised.',
  stored_rows_limit:
    'The organization has as many readings stored as it may (stored_rows_limit): what comes is in quarantine.',
  too_many_connections: 'The limit of connections is reached.',
  connections_limit:
    'The organization’s limit of connections (connections_limit) is reached. Close some, or have the limit raised.',
  shutdown: 'The platform is restarting.',
} as const;
export type ActivityReason = keyof typeof activityReasons;
