/**
 * Who may do what with the rows of an organization, table by table. `least` is the lowest role that may; nobody
 * but the platform may where it is 'nobody'. A new table needs its row here.
 */
export type Least = 'viewer' | 'member' | 'admin' | 'owner' | 'nobody';

/** Ids of one organization's rows, as `table-fixture.ts` makes them. */
export interface Fixture {
  organization: string;
  integration: string;
  /** An integration of a customer's own broker. */
  webhook: string;
  /** Its token. */
  token: string;
  device: string;
  /** Its device type. */
  type: string;
  /** One that waits for the device. */
  command: string;
  endedCommand: string;
  credential: string;
  /** Of the credential. */
  connection: string;
  invitation: string;
  key: string;
  /** In quarantine. */
  message: string;
  /** A notification channel, and a dead delivery of it. */
  channel: string;
  delivery: string;
  /** An alert rule, an open alert of it, and a time of maintenance. */
  rule: string;
  alert: string;
  window: string;
  /** A member whose row may be touched. */
  member: string;
  /** A user who is in no organization. */
  stranger: string;
}

export interface TableRule {
  select: Least;
  insert: Least;
  update: Least;
  delete: Least;
  /** The column that names the organization. */
  organization?: string;
  /** Columns that nobody reads. */
  hidden?: string[];
  /** The only columns that are ever updated. */
  updatable?: string[];
  /** Rows that update and delete aim at, beyond the organization's. */
  target?: (fixture: Fixture) => string;
  /** A row that an insert makes for the organization. */
  insertion?: (fixture: Fixture) => string;
}

const readOnly: TableRule = { select: 'viewer', insert: 'nobody', update: 'nobody', delete: 'nobody' };

export const tableRules: Record<string, TableRule> = {
  organizations: {
    ...readOnly,
    update: 'admin',
    organization: 'id',
    updatable: ['name', 'readings_retention_days'],
  },
  organization_members: {
    select: 'viewer',
    insert: 'owner',
    update: 'admin',
    delete: 'admin',
    updatable: ['role'],
    target: ({ member }) => `user_id = '${member}'`,
    insertion: ({ organization, stranger }) =>
      `(organization_id, user_id, role) values ('${organization}', '${stranger}', 'viewer')`,
  },
  organization_invitations: {
    select: 'admin',
    insert: 'admin',
    update: 'nobody',
    delete: 'admin',
    hidden: ['token_hash'],
    insertion: ({ organization }) =>
      `(organization_id, role, token_hash, expires_at) values ('${organization}', 'viewer', '\\x01', now())`,
  },
  organization_api_keys: {
    select: 'admin',
    insert: 'admin',
    update: 'admin',
    delete: 'admin',
    hidden: ['key_sha256'],
    updatable: ['name', 'revoked_at'],
    insertion: ({ organization }) =>
      `(organization_id, name, role, key_prefix, key_sha256) values ('${organization}', 'k', 'viewer', 'nnk_', '\\x01')`,
  },
  device_integrations: {
    select: 'viewer',
    insert: 'admin',
    update: 'admin',
    delete: 'admin',
    hidden: ['sealed_secrets'],
    updatable: [
      'name',
      'enabled',
      'decoder',
      'decoder_settings',
      'expected_topics',
      'configuration',
      'sealed_secrets',
      'auto_register',
      'device_limit',
      'updated_at',
    ],
    target: ({ webhook }) => `id = '${webhook}'`,
    insertion: ({ organization }) =>
      `(organization_id, name, integration_type, mode) values ('${organization}', 'w', 'mqtt_external', 'webhook')`,
  },
  integration_tokens: {
    select: 'admin',
    insert: 'admin',
    update: 'admin',
    delete: 'admin',
    hidden: ['token_hash'],
    updatable: ['expires_at'],
    insertion: ({ organization, webhook }) =>
      `(organization_id, integration_id, token_hash) values ('${organization}', '${webhook}', '\\x01')`,
  },
  integration_status: readOnly,
  devices: {
    select: 'viewer',
    insert: 'member',
    update: 'member',
    delete: 'member',
    updatable: ['name', 'updated_at', 'device_type_id', 'tags'],
    insertion: ({ organization }) =>
      `(organization_id, external_device_id, name) values ('${organization}', 'another', 'Another')`,
  },
  device_types: {
    select: 'viewer',
    insert: 'member',
    update: 'member',
    delete: 'member',
    updatable: ['name', 'commands', 'metrics', 'retention_days', 'updated_at'],
    insertion: ({ organization }) => `(organization_id, name) values ('${organization}', 'Another')`,
  },
  alert_rules: {
    select: 'viewer',
    insert: 'member',
    update: 'member',
    delete: 'member',
    updatable: [
      'name',
      'severity',
      'condition',
      'for_seconds',
      'scope',
      'schedule',
      'channel_ids',
      'enabled',
      'updated_at',
    ],
    insertion: ({ organization }) =>
      `(organization_id, name, condition) values ('${organization}', 'Gone', '{"kind": "offline"}')`,
  },
  alerts: { ...readOnly, update: 'member', updatable: ['state', 'snoozed_until'] },
  alert_events: readOnly,
  maintenance_windows: {
    select: 'viewer',
    insert: 'member',
    update: 'nobody',
    delete: 'member',
    insertion: ({ organization }) =>
      `(organization_id, name, starts_at, ends_at) values ('${organization}', 'Work', now(), now() + interval '1 hour')`,
  },
  device_commands: {
    ...readOnly,
    insert: 'member',
    insertion: ({ organization, device }) =>
      `(organization_id, device_id, name) values ('${organization}', '${device}', 'reboot')`,
  },
  mqtt_credentials: {
    select: 'viewer',
    insert: 'admin',
    update: 'admin',
    delete: 'admin',
    hidden: ['password_hash'],
    updatable: ['label', 'expires_at', 'disabled_at'],
    insertion: ({ organization }) =>
      `(organization_id, username, password_hash, topic_prefix)
       values ('${organization}', 'another', 'x', 'org_${organization}/devices/#')`,
  },
  device_telemetry_history: readOnly,
  device_telemetry_1m: readOnly,
  device_telemetry_1h: readOnly,
  device_telemetry_1d: readOnly,
  device_state: readOnly,
  message_quarantine: { ...readOnly, delete: 'member' },
  device_messages: readOnly,
  integration_traffic: readOnly,
  message_receipts: readOnly,
  integration_activity_log: readOnly,
  mqtt_connections: { ...readOnly, update: 'admin', updatable: ['disconnect_asked_at'] },
  notification_channels: {
    select: 'viewer',
    insert: 'admin',
    update: 'admin',
    delete: 'admin',
    hidden: ['sealed_secrets'],
    updatable: [
      'name',
      'settings',
      'sealed_secrets',
      'min_severity',
      'schedule',
      'quiet_hours',
      'critical_always',
      'notify_resolved',
      'enabled',
      'updated_at',
    ],
    insertion: ({ organization }) =>
      `(organization_id, name, kind) values ('${organization}', 'On call', 'webhook')`,
  },
  notification_deliveries: { ...readOnly, update: 'member', updatable: ['retried_at'] },
  organization_limits: readOnly,
  organization_usage: readOnly,
};

/** What tenants may call, beside trigger functions, which nobody can. Each looks at the caller's claims itself. */
export const callable = [
  'private.are_tags',
  'private.claim_idempotency_key',
  'private.device_room',
  'private.has_device_room',
  'private.idempotency_caller',
  'private.integration_type',
  'private.is_subscribed',
  'private.keep_idempotent_answer',
  'private.merge_latest',
  'private.note_on_alerts',
  'private.organizations_of',
  'private.profiles_of',
  'private.role_in',
  'private.unrolled_hours_of',
  'private.use_of',
  'public.cancel_command',
  'public.create_organization',
];
