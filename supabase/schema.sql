-- The whole schema as it is now, for reading: made from supabase/migrations by `npm run schema`,
-- compared by a test, run by nobody. Partitions are left out.

create schema accounts;

create schema broker;

create schema private;
grant usage on schema private to authenticated;
grant usage on schema private to service_role;

create schema public;
grant usage on schema public to anon;
grant usage on schema public to authenticated;
grant usage on schema public to public;
grant usage on schema public to service_role;

create table accounts.account (
  id uuid default gen_random_uuid() not null,
  "userId" uuid not null,
  "accountId" text not null,
  "providerId" text not null,
  password text,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamp with time zone,
  "refreshTokenExpiresAt" timestamp with time zone,
  scope text,
  "createdAt" timestamp with time zone default now() not null,
  "updatedAt" timestamp with time zone default now() not null,
  constraint account_pkey PRIMARY KEY (id),
  constraint "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES accounts."user"(id) ON DELETE CASCADE
);
CREATE INDEX account_user_idx ON accounts.account USING btree ("userId");

create table accounts.session (
  id uuid default gen_random_uuid() not null,
  "userId" uuid not null,
  token text not null,
  "expiresAt" timestamp with time zone not null,
  "ipAddress" text,
  "userAgent" text,
  "createdAt" timestamp with time zone default now() not null,
  "updatedAt" timestamp with time zone default now() not null,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_key UNIQUE (token),
  constraint "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES accounts."user"(id) ON DELETE CASCADE
);
CREATE INDEX session_user_idx ON accounts.session USING btree ("userId");

create table accounts."user" (
  id uuid default gen_random_uuid() not null,
  name text not null,
  email text not null,
  "emailVerified" boolean default false not null,
  image text,
  "createdAt" timestamp with time zone default now() not null,
  "updatedAt" timestamp with time zone default now() not null,
  constraint user_pkey PRIMARY KEY (id),
  constraint user_email_key UNIQUE (email),
  constraint user_email_check CHECK (email = lower(email))
);

create table accounts.verification (
  id uuid default gen_random_uuid() not null,
  identifier text not null,
  value text not null,
  "expiresAt" timestamp with time zone not null,
  "createdAt" timestamp with time zone default now() not null,
  "updatedAt" timestamp with time zone default now() not null,
  constraint verification_pkey PRIMARY KEY (id)
);
CREATE INDEX verification_identifier_idx ON accounts.verification USING btree (identifier);

create table broker.incoming (
  id bigint not null,
  session_id bigint not null,
  packet_id integer not null,
  constraint incoming_pkey PRIMARY KEY (id),
  constraint incoming_packet_id_check CHECK (packet_id >= 1 AND packet_id <= 65535)
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000);

create table broker.owner (
  only_row boolean default true not null,
  epoch bigint not null,
  taken_at timestamp with time zone default now() not null,
  constraint owner_pkey PRIMARY KEY (only_row),
  constraint owner_only_row_check CHECK (only_row)
);

create table broker.queue (
  id bigint not null,
  session_id bigint not null,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  retain boolean not null,
  packet_id integer not null,
  released boolean not null,
  constraint queue_pkey PRIMARY KEY (id),
  constraint queue_packet_id_check CHECK (packet_id >= 0 AND packet_id <= 65535),
  constraint queue_qos_check CHECK (qos = ANY (ARRAY[1, 2]))
) with (autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000);

create table broker.retained (
  id bigint not null,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  constraint retained_pkey PRIMARY KEY (id),
  constraint retained_qos_check CHECK (qos >= 0 AND qos <= 2)
);

create table broker.sessions (
  id bigint not null,
  client_id text not null,
  user_name text not null,
  disconnected_at timestamp with time zone,
  constraint sessions_pkey PRIMARY KEY (id)
);

create table broker.subscriptions (
  id bigint not null,
  session_id bigint not null,
  filter text not null,
  qos smallint not null,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_qos_check CHECK (qos >= 0 AND qos <= 2)
);

create table private.alert_positions (
  device_id uuid not null,
  judged_to timestamp with time zone not null,
  constraint alert_positions_pkey PRIMARY KEY (device_id),
  constraint alert_positions_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE
) with (fillfactor=60);

create table private.alert_signals (
  id bigint generated always as identity,
  organization_id uuid not null,
  device_id uuid not null,
  since timestamp with time zone not null,
  constraint alert_signals_pkey PRIMARY KEY (id)
);
CREATE INDEX alert_signals_device_idx ON private.alert_signals USING btree (device_id);

create table private.idempotency_keys (
  caller text not null,
  key text not null,
  request_hash bytea not null,
  answer jsonb,
  created_at timestamp with time zone default now() not null,
  constraint idempotency_keys_pkey PRIMARY KEY (caller, key),
  constraint idempotency_keys_key_check CHECK (length(key) >= 1 AND length(key) <= 200)
);
CREATE INDEX idempotency_keys_age_idx ON private.idempotency_keys USING btree (created_at);

create table private.leases (
  name text not null,
  holder uuid not null,
  fencing bigint default 1 not null,
  expires_at timestamp with time zone not null,
  constraint leases_pkey PRIMARY KEY (name)
);

create table private.message_ids (
  id_key uuid not null,
  received_at timestamp with time zone not null,
  constraint message_ids_pkey PRIMARY KEY (id_key)
);
CREATE INDEX message_ids_age_idx ON private.message_ids USING brin (received_at);

create table private.message_keys (
  client_key bigint not null,
  received_at timestamp with time zone not null,
  uses bytea not null
);
CREATE INDEX message_keys_age_idx ON private.message_keys USING brin (received_at);
CREATE INDEX message_keys_client_idx ON private.message_keys USING btree (client_key, received_at);

create table private.notices (
  channel_id uuid not null,
  alert_id uuid not null,
  waiting_since timestamp with time zone,
  told_at timestamp with time zone,
  is_held boolean default false not null,
  constraint notices_pkey PRIMARY KEY (channel_id, alert_id),
  constraint notices_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE,
  constraint notices_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.notification_channels(id) ON DELETE CASCADE
);
CREATE INDEX notices_alert_idx ON private.notices USING btree (alert_id);
CREATE INDEX notices_waiting_idx ON private.notices USING btree (channel_id) WHERE (waiting_since IS NOT NULL);

create table private.organization_buckets (
  organization_id uuid not null,
  limits jsonb not null,
  messages double precision,
  bytes double precision,
  refilled_at timestamp with time zone not null,
  constraint organization_buckets_pkey PRIMARY KEY (organization_id),
  constraint organization_buckets_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
) with (fillfactor=50);

create table private.pending_alerts (
  rule_id uuid not null,
  device_id uuid not null,
  since timestamp with time zone not null,
  due_at timestamp with time zone not null,
  constraint pending_alerts_pkey PRIMARY KEY (rule_id, device_id),
  constraint pending_alerts_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE,
  constraint pending_alerts_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES public.alert_rules(id) ON DELETE CASCADE
);
CREATE INDEX pending_alerts_device_idx ON private.pending_alerts USING btree (device_id);
CREATE INDEX pending_alerts_due_idx ON private.pending_alerts USING btree (due_at);

create table private.plans (
  name text not null,
  connections bigint,
  messages_per_second bigint,
  bytes_per_second bigint,
  message_bytes bigint,
  devices bigint,
  subscriptions bigint,
  stored_rows bigint,
  constraint plans_pkey PRIMARY KEY (name),
  constraint plans_bytes_per_second_check CHECK (bytes_per_second >= 0),
  constraint plans_connections_check CHECK (connections >= 0),
  constraint plans_devices_check CHECK (devices >= 0),
  constraint plans_message_bytes_check CHECK (message_bytes >= 0),
  constraint plans_messages_per_second_check CHECK (messages_per_second >= 0),
  constraint plans_name_check CHECK (name ~ '^[a-z0-9_-]{1,50}$'::text),
  constraint plans_stored_rows_check CHECK (stored_rows >= 0),
  constraint plans_subscriptions_check CHECK (subscriptions >= 0)
);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE ON private.plans FOR EACH ROW EXECUTE FUNCTION private.announce_change();

create table private.presence_watch (
  only_row boolean default true not null,
  observed_from timestamp with time zone not null,
  looked_at timestamp with time zone not null,
  constraint presence_watch_pkey PRIMARY KEY (only_row),
  constraint presence_watch_only_row_check CHECK (only_row)
);

create table private.process_use (
  organization_id uuid not null,
  process_id uuid not null,
  connections integer not null,
  reserved integer not null,
  subscriptions integer not null,
  messages_per_second double precision not null,
  bytes_per_second double precision not null,
  is_waiting boolean not null,
  constraint process_use_pkey PRIMARY KEY (organization_id, process_id),
  constraint process_use_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint process_use_process_id_fkey FOREIGN KEY (process_id) REFERENCES private.use_processes(id) ON DELETE CASCADE
) with (fillfactor=50);
CREATE INDEX process_use_process_idx ON private.process_use USING btree (process_id);

create table private.processes (
  id uuid not null,
  roles text[] not null,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  detail jsonb default '{}'::jsonb not null,
  constraint processes_pkey PRIMARY KEY (id)
);

create table private.rollup_positions (
  organization_id uuid not null,
  "position" xid8 not null,
  constraint rollup_positions_pkey PRIMARY KEY (organization_id),
  constraint rollup_positions_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);

create table private.stored_rows (
  organization_id uuid not null,
  rows bigint not null,
  counted_at timestamp with time zone default now() not null,
  constraint stored_rows_pkey PRIMARY KEY (organization_id),
  constraint stored_rows_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);

create table private.tick_state (
  only_row boolean default true not null,
  observed_from timestamp with time zone not null,
  last_at timestamp with time zone not null,
  housekept_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
  constraint tick_state_pkey PRIMARY KEY (only_row),
  constraint tick_state_only_row_check CHECK (only_row)
);

create table private.unrolled_hours (
  device_id uuid not null,
  hour timestamp with time zone not null,
  due_at timestamp with time zone not null,
  constraint unrolled_hours_pkey PRIMARY KEY (device_id, hour),
  constraint unrolled_hours_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE
);
CREATE INDEX unrolled_hours_due_idx ON private.unrolled_hours USING btree (due_at);

create table private.use_processes (
  id uuid not null,
  beat_at timestamp with time zone not null,
  constraint use_processes_pkey PRIMARY KEY (id)
);

create table public.alert_events (
  id bigint generated always as identity,
  organization_id uuid not null,
  alert_id uuid not null,
  at timestamp with time zone default now() not null,
  kind text not null,
  user_id uuid,
  note text default ''::text not null,
  constraint alert_events_pkey PRIMARY KEY (id),
  constraint alert_events_kind_check CHECK (kind = ANY (ARRAY['opened'::text, 'acknowledged'::text, 'snoozed'::text, 'note'::text, 'cleared'::text, 'resolved'::text, 'withdrawn'::text])),
  constraint alert_events_note_check CHECK (length(note) <= 1000),
  constraint alert_events_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES public.alerts(id) ON DELETE CASCADE,
  constraint alert_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX alert_events_alert_idx ON public.alert_events USING btree (alert_id, id);
CREATE INDEX alert_events_organization_idx ON public.alert_events USING btree (organization_id);
alter table public.alert_events enable row level security;
create policy alert_events_read on public.alert_events for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.alert_events to authenticated;
grant all on public.alert_events to service_role;

create table public.alert_rules (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  severity text default 'warning'::text not null,
  condition jsonb,
  for_seconds integer default 0 not null,
  scope jsonb default '{"kind": "organization"}'::jsonb not null,
  schedule jsonb,
  channel_ids uuid[] default '{}'::uuid[] not null,
  enabled boolean default true not null,
  judged_from timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint alert_rules_pkey PRIMARY KEY (id),
  constraint alert_rules_condition_check CHECK (octet_length(condition::text) <= 16384),
  constraint alert_rules_for_seconds_check CHECK (for_seconds >= 0 AND for_seconds <= 604800),
  constraint alert_rules_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint alert_rules_schedule_check CHECK (octet_length(schedule::text) <= 8192),
  constraint alert_rules_scope_check CHECK (octet_length(scope::text) <= 65536),
  constraint alert_rules_severity_check CHECK (severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])),
  constraint alert_rules_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX alert_rules_organization_idx ON public.alert_rules USING btree (organization_id);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE OF condition, scope, enabled ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER change_alert_rule BEFORE DELETE OR UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION private.change_alert_rule();
CREATE TRIGGER changed_alert_rule AFTER INSERT OR UPDATE ON public.alert_rules FOR EACH ROW EXECUTE FUNCTION private.changed_alert_rule();
CREATE TRIGGER refuse_more BEFORE INSERT OR UPDATE OF condition ON public.alert_rules FOR EACH ROW WHEN ((new.condition IS NOT NULL)) EXECUTE FUNCTION private.refuse_more('1000', 'condition is not null', 'alert rules');
alter table public.alert_rules enable row level security;
create policy alert_rules_delete on public.alert_rules for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy alert_rules_insert on public.alert_rules for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy alert_rules_read on public.alert_rules for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy alert_rules_update on public.alert_rules for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
grant delete, select on public.alert_rules to authenticated;
grant all on public.alert_rules to service_role;
grant insert (id, organization_id, name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled) on public.alert_rules to authenticated;
grant update (name, severity, condition, for_seconds, scope, schedule, channel_ids, enabled, updated_at) on public.alert_rules to authenticated;

create table public.alerts (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  rule_id uuid,
  rule_name text not null,
  severity text not null,
  state text default 'open'::text not null,
  device_id uuid,
  integration_id uuid,
  summary text not null,
  metric text,
  value jsonb,
  opened_at timestamp with time zone not null,
  detected_at timestamp with time zone default now() not null,
  cleared_at timestamp with time zone,
  resolved_at timestamp with time zone,
  resolution text,
  acknowledged_at timestamp with time zone,
  acknowledged_by uuid,
  snoozed_until timestamp with time zone,
  changed_in xid8 default pg_current_xact_id() not null,
  constraint alerts_pkey PRIMARY KEY (id),
  constraint alerts_check CHECK ((state = 'resolved'::text) = (resolved_at IS NOT NULL)),
  constraint alerts_severity_check CHECK (severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])),
  constraint alerts_state_check CHECK (state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text])),
  constraint alerts_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE,
  constraint alerts_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint alerts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint alerts_rule_id_fkey FOREIGN KEY (rule_id) REFERENCES public.alert_rules(id) ON DELETE SET NULL
);
CREATE INDEX alerts_device_idx ON public.alerts USING btree (device_id, opened_at DESC);
CREATE INDEX alerts_integration_idx ON public.alerts USING btree (integration_id) WHERE (integration_id IS NOT NULL);
CREATE INDEX alerts_organization_idx ON public.alerts USING btree (organization_id, opened_at DESC, id DESC);
CREATE INDEX alerts_rule_idx ON public.alerts USING btree (rule_id, opened_at DESC);
CREATE INDEX alerts_snoozed_idx ON public.alerts USING btree (snoozed_until) WHERE ((state = 'open'::text) AND (snoozed_until IS NOT NULL));
CREATE INDEX alerts_stream_idx ON public.alerts USING btree (organization_id, changed_in);
CREATE INDEX alerts_unresolved_idx ON public.alerts USING btree (organization_id, severity) WHERE (state <> 'resolved'::text);
CREATE UNIQUE INDEX alerts_of_device_idx ON public.alerts USING btree (rule_id, device_id) WHERE ((cleared_at IS NULL) AND (device_id IS NOT NULL));
CREATE UNIQUE INDEX alerts_of_integration_idx ON public.alerts USING btree (rule_id, integration_id) WHERE ((cleared_at IS NULL) AND (integration_id IS NOT NULL));
CREATE TRIGGER change_alert BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION private.change_alert();
CREATE TRIGGER end_snooze AFTER UPDATE ON public.alerts REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.end_snooze();
CREATE TRIGGER record_alert AFTER UPDATE ON public.alerts REFERENCING OLD TABLE AS former NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.record_alert();
CREATE TRIGGER record_new_alert AFTER INSERT ON public.alerts REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION private.record_alert();
alter table public.alerts enable row level security;
create policy alerts_read on public.alerts for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy alerts_update on public.alerts for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
grant select on public.alerts to authenticated;
grant all on public.alerts to service_role;
grant update (state, snoozed_until) on public.alerts to authenticated;

create table public.device_commands (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  device_id uuid not null,
  name text not null,
  params jsonb default '{}'::jsonb not null,
  state text default 'queued'::text not null,
  reason text,
  detail text default ''::text not null,
  result jsonb,
  idempotency_key text,
  supersede_key text,
  expires_at timestamp with time zone default (now() + '1 day'::interval) not null,
  created_at timestamp with time zone default now() not null,
  requested_as text,
  requested_by uuid,
  sent_again_of uuid,
  sequence bigint not null,
  attempts integer default 0 not null,
  sending_until timestamp with time zone,
  waits_for_device boolean default false not null,
  next_attempt_at timestamp with time zone,
  published_at timestamp with time zone,
  handed_over boolean default false not null,
  delivered_at timestamp with time zone,
  acknowledged_at timestamp with time zone,
  finished_at timestamp with time zone,
  changed_in xid8 default pg_current_xact_id() not null,
  constraint device_commands_pkey PRIMARY KEY (id),
  constraint device_commands_idempotency_key_check CHECK (length(idempotency_key) >= 1 AND length(idempotency_key) <= 200),
  constraint device_commands_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint device_commands_params_check CHECK (octet_length(params::text) <= 131072),
  constraint device_commands_requested_as_check CHECK (requested_as = ANY (ARRAY['user'::text, 'api_key'::text])),
  constraint device_commands_state_check CHECK (state = ANY (ARRAY['queued'::text, 'published'::text, 'delivered'::text, 'acknowledged'::text, 'succeeded'::text, 'failed'::text, 'expired'::text, 'cancelled'::text, 'undeliverable'::text])),
  constraint device_commands_supersede_key_check CHECK (length(supersede_key) >= 1 AND length(supersede_key) <= 100),
  constraint expires_within_30_days CHECK (expires_at >= '1970-01-01 00:00:00+00'::timestamp with time zone AND expires_at <= (created_at + '720:00:00'::interval)),
  constraint device_commands_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE,
  constraint device_commands_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint device_commands_sent_again_of_fkey FOREIGN KEY (sent_again_of) REFERENCES public.device_commands(id) ON DELETE SET NULL
) with (fillfactor=60);
CREATE INDEX device_commands_again_idx ON public.device_commands USING btree (sent_again_of) WHERE (sent_again_of IS NOT NULL);
CREATE INDEX device_commands_away_idx ON public.device_commands USING btree (organization_id, device_id) WHERE ((state = 'queued'::text) AND waits_for_device);
CREATE INDEX device_commands_device_idx ON public.device_commands USING btree (device_id, created_at DESC, id DESC);
CREATE INDEX device_commands_failed_idx ON public.device_commands USING btree (organization_id, created_at DESC, id DESC) WHERE (state = ANY (ARRAY['failed'::text, 'undeliverable'::text]));
CREATE INDEX device_commands_finished_idx ON public.device_commands USING btree (finished_at) WHERE (finished_at IS NOT NULL);
CREATE INDEX device_commands_open_idx ON public.device_commands USING btree (expires_at) WHERE ((finished_at IS NULL) AND (state <> 'acknowledged'::text));
CREATE INDEX device_commands_organization_idx ON public.device_commands USING btree (organization_id, created_at DESC, id DESC);
CREATE INDEX device_commands_queue_idx ON public.device_commands USING btree (device_id, sequence) WHERE (state = 'queued'::text);
CREATE INDEX device_commands_stream_idx ON public.device_commands USING btree (organization_id, changed_in);
CREATE INDEX device_commands_under_way_idx ON public.device_commands USING btree (expires_at) WHERE ((finished_at IS NULL) AND (state = 'acknowledged'::text));
CREATE UNIQUE INDEX device_commands_idempotency_idx ON public.device_commands USING btree (organization_id, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE TRIGGER announce_commands AFTER INSERT ON public.device_commands REFERENCING NEW TABLE AS created FOR EACH STATEMENT EXECUTE FUNCTION private.announce_commands();
CREATE TRIGGER change_command BEFORE UPDATE ON public.device_commands FOR EACH ROW EXECUTE FUNCTION private.change_command();
CREATE TRIGGER enter_command BEFORE INSERT ON public.device_commands FOR EACH ROW EXECUTE FUNCTION private.enter_command();
alter table public.device_commands enable row level security;
create policy device_commands_insert on public.device_commands for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy device_commands_read on public.device_commands for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_commands to authenticated;
grant all on public.device_commands to service_role;
grant insert (id, organization_id, device_id, name, params, idempotency_key, supersede_key, expires_at, sent_again_of) on public.device_commands to authenticated;

create table public.device_integrations (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  integration_type text not null,
  decoder text default 'auto'::text not null,
  auto_register boolean default true not null,
  device_limit integer default 100000 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  mode text,
  enabled boolean default true not null,
  expected_topics jsonb default '[]'::jsonb not null,
  decoder_settings jsonb,
  configuration jsonb default '{}'::jsonb not null,
  sealed_secrets text,
  constraint device_integrations_pkey PRIMARY KEY (id),
  constraint device_integrations_device_limit_check CHECK (device_limit >= 0),
  constraint device_integrations_integration_type_check CHECK (integration_type = ANY (ARRAY['mqtt_hosted'::text, 'mqtt_external'::text])),
  constraint device_integrations_mode_check CHECK (mode = ANY (ARRAY['webhook'::text, 'subscribe'::text, 'bridge'::text, 'forward'::text])),
  constraint device_integrations_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint device_integrations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX device_integrations_organization_idx ON public.device_integrations USING btree (organization_id);
CREATE UNIQUE INDEX device_integrations_hosted_idx ON public.device_integrations USING btree (organization_id) WHERE (integration_type = 'mqtt_hosted'::text);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE ON public.device_integrations FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER secrets_of_broker BEFORE UPDATE OF configuration ON public.device_integrations FOR EACH ROW EXECUTE FUNCTION private.secrets_of_broker();
CREATE TRIGGER spell_integration_type BEFORE INSERT OR UPDATE OF integration_type ON public.device_integrations FOR EACH ROW EXECUTE FUNCTION private.spell_integration_type();
alter table public.device_integrations enable row level security;
create policy integrations_delete on public.device_integrations for delete to authenticated
  using (integration_type = 'mqtt_external'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy integrations_insert on public.device_integrations for insert to authenticated
  with check (integration_type = 'mqtt_external'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy integrations_read on public.device_integrations for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy integrations_update on public.device_integrations for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete on public.device_integrations to authenticated;
grant all on public.device_integrations to service_role;
grant insert (id, organization_id, name, integration_type, decoder, auto_register, device_limit, mode, enabled, expected_topics, decoder_settings, configuration, sealed_secrets) on public.device_integrations to authenticated;
grant select (id, organization_id, name, integration_type, decoder, auto_register, device_limit, created_at, updated_at, mode, enabled, expected_topics, decoder_settings, configuration) on public.device_integrations to authenticated;
grant update (name, decoder, auto_register, device_limit, updated_at, enabled, expected_topics, decoder_settings, configuration, sealed_secrets) on public.device_integrations to authenticated;

create table public.device_messages (
  device_id uuid not null,
  organization_id uuid not null,
  received_at timestamp with time zone not null,
  topic text not null,
  payload bytea not null,
  payload_bytes integer not null,
  qos smallint not null,
  retain boolean not null,
  outcome text not null,
  reason text,
  readings smallint default 0 not null,
  constraint device_messages_pkey PRIMARY KEY (device_id, received_at),
  constraint device_messages_outcome_check CHECK (outcome = ANY (ARRAY['stored'::text, 'duplicate'::text, 'quarantined'::text, 'rejected'::text]))
);
alter table public.device_messages enable row level security;
create policy device_messages_read on public.device_messages for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_messages to authenticated;
grant all on public.device_messages to service_role;

create table public.device_state (
  device_id uuid not null,
  organization_id uuid not null,
  latest jsonb default '{}'::jsonb not null,
  newest_recorded_at timestamp with time zone,
  last_message_at timestamp with time zone,
  usual_interval_ms integer,
  presence text default 'unknown'::text not null,
  presence_since timestamp with time zone default now() not null,
  presence_reason text default 'never_seen'::text not null,
  presence_changed_in xid8 default pg_current_xact_id() not null,
  status text,
  status_at timestamp with time zone,
  connection_id uuid,
  connection text,
  connection_at timestamp with time zone,
  watcher integer,
  lost_track boolean,
  constraint device_state_pkey PRIMARY KEY (device_id),
  constraint device_state_connection_check CHECK (connection = ANY (ARRAY['connected'::text, 'closed'::text, 'lost'::text, 'unobserved'::text])),
  constraint device_state_presence_check CHECK (presence = ANY (ARRAY['online'::text, 'late'::text, 'offline'::text, 'unknown'::text])),
  constraint device_state_status_check CHECK (status = ANY (ARRAY['online'::text, 'offline'::text])),
  constraint device_state_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE,
  constraint device_state_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
) with (fillfactor=50);
CREATE INDEX device_state_presence_idx ON public.device_state USING btree (organization_id, presence);
CREATE INDEX device_state_stream_idx ON public.device_state USING btree (organization_id, presence_changed_in);
alter table public.device_state enable row level security;
create policy device_state_read on public.device_state for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_state to authenticated;
grant all on public.device_state to service_role;

create table public.device_telemetry_1d (
  organization_id uuid not null,
  device_id uuid not null,
  bucket timestamp with time zone not null,
  readings integer not null,
  metrics jsonb not null,
  constraint device_telemetry_1d_pkey PRIMARY KEY (device_id, bucket)
) partition by RANGE (bucket);
alter table public.device_telemetry_1d enable row level security;
create policy device_telemetry_1d_read on public.device_telemetry_1d for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_telemetry_1d to authenticated;
grant all on public.device_telemetry_1d to service_role;

create table public.device_telemetry_1h (
  organization_id uuid not null,
  device_id uuid not null,
  bucket timestamp with time zone not null,
  readings integer not null,
  metrics jsonb not null,
  constraint device_telemetry_1h_pkey PRIMARY KEY (device_id, bucket)
) partition by RANGE (bucket);
alter table public.device_telemetry_1h enable row level security;
create policy device_telemetry_1h_read on public.device_telemetry_1h for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_telemetry_1h to authenticated;
grant all on public.device_telemetry_1h to service_role;

create table public.device_telemetry_1m (
  organization_id uuid not null,
  device_id uuid not null,
  bucket timestamp with time zone not null,
  readings integer not null,
  metrics jsonb not null,
  constraint device_telemetry_1m_pkey PRIMARY KEY (device_id, bucket)
) partition by RANGE (bucket);
alter table public.device_telemetry_1m enable row level security;
create policy device_telemetry_1m_read on public.device_telemetry_1m for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_telemetry_1m to authenticated;
grant all on public.device_telemetry_1m to service_role;

create table public.device_telemetry_history (
  organization_id uuid not null,
  device_id uuid not null,
  recorded_at timestamp with time zone default now() not null,
  received_at timestamp with time zone default now() not null,
  device_timestamp timestamp with time zone,
  message_key bigint default hashtextextended((gen_random_uuid())::text, (0)::bigint) not null,
  transaction_id xid8 default pg_current_xact_id() not null,
  time_mark text,
  telemetry jsonb not null,
  constraint device_telemetry_history_pkey PRIMARY KEY (device_id, recorded_at, message_key)
) partition by RANGE (recorded_at);
CREATE INDEX device_telemetry_history_stream_idx ON ONLY public.device_telemetry_history USING btree (organization_id, transaction_id);
alter table public.device_telemetry_history enable row level security;
create policy device_telemetry_history_read on public.device_telemetry_history for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.device_telemetry_history to authenticated;
grant all on public.device_telemetry_history to service_role;

create table public.device_types (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  commands jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  metrics jsonb default '[]'::jsonb not null,
  retention_days integer,
  constraint device_types_pkey PRIMARY KEY (id),
  constraint device_types_organization_id_name_key UNIQUE (organization_id, name),
  constraint device_types_commands_check CHECK (jsonb_typeof(commands) = 'array'::text AND octet_length(commands::text) <= 262144),
  constraint device_types_metrics_check CHECK (jsonb_typeof(metrics) = 'array'::text AND octet_length(metrics::text) <= 131072),
  constraint device_types_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint device_types_retention_days_check CHECK (retention_days >= 1 AND retention_days <= 36500),
  constraint device_types_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
alter table public.device_types enable row level security;
create policy device_types_delete on public.device_types for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy device_types_insert on public.device_types for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy device_types_read on public.device_types for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy device_types_update on public.device_types for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
grant delete, select on public.device_types to authenticated;
grant all on public.device_types to service_role;
grant insert (id, organization_id, name, commands, metrics, retention_days) on public.device_types to authenticated;
grant update (name, commands, updated_at, metrics, retention_days) on public.device_types to authenticated;

create table public.devices (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  integration_id uuid,
  external_device_id text not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  device_type_id uuid,
  tags text[] default '{}'::text[] not null,
  constraint devices_pkey PRIMARY KEY (id),
  constraint devices_organization_id_external_device_id_key UNIQUE (organization_id, external_device_id),
  constraint devices_external_device_id_check CHECK (length(external_device_id) >= 1 AND length(external_device_id) <= 128),
  constraint devices_name_check CHECK (length(name) >= 1 AND length(name) <= 200),
  constraint devices_tags_check CHECK (private.are_tags(tags)),
  constraint devices_device_type_id_fkey FOREIGN KEY (device_type_id) REFERENCES public.device_types(id) ON DELETE SET NULL,
  constraint devices_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE SET NULL,
  constraint devices_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX devices_device_type_idx ON public.devices USING btree (device_type_id);
CREATE INDEX devices_integration_idx ON public.devices USING btree (integration_id);
CREATE INDEX devices_tags_idx ON public.devices USING gin (tags);
CREATE TRIGGER announce_change AFTER DELETE OR UPDATE OF external_device_id, organization_id ON public.devices FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER announce_details AFTER UPDATE OF name, tags, device_type_id ON public.devices FOR EACH ROW WHEN ((((old.name IS DISTINCT FROM new.name) OR (old.tags IS DISTINCT FROM new.tags)) OR (old.device_type_id IS DISTINCT FROM new.device_type_id))) EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER count_deleted_history AFTER DELETE ON public.devices REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION private.count_deleted_history();
CREATE TRIGGER create_device_state AFTER INSERT ON public.devices REFERENCING NEW TABLE AS created FOR EACH STATEMENT EXECUTE FUNCTION private.create_device_state();
CREATE TRIGGER delete_device_history AFTER DELETE ON public.devices REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION private.delete_device_history();
CREATE TRIGGER same_organization BEFORE INSERT OR UPDATE OF organization_id, integration_id ON public.devices FOR EACH ROW EXECUTE FUNCTION private.same_organization();
CREATE TRIGGER type_of_organization BEFORE INSERT OR UPDATE OF organization_id, device_type_id ON public.devices FOR EACH ROW EXECUTE FUNCTION private.type_of_organization();
alter table public.devices enable row level security;
create policy devices_delete on public.devices for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy devices_insert on public.devices for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy devices_read on public.devices for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy devices_update on public.devices for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
grant delete, select on public.devices to authenticated;
grant all on public.devices to service_role;
grant insert (id, organization_id, integration_id, external_device_id, name, device_type_id, tags) on public.devices to authenticated;
grant update (name, updated_at, device_type_id, tags) on public.devices to authenticated;

create table public.integration_activity_log (
  id bigint generated always as identity,
  organization_id uuid not null,
  integration_id uuid,
  credential_id uuid,
  occurred_at timestamp with time zone not null,
  event text not null,
  reason text,
  detail text default ''::text not null,
  client_id text,
  username text,
  remote_address text,
  topic text,
  transaction_id xid8 default pg_current_xact_id() not null,
  constraint integration_activity_log_pkey PRIMARY KEY (id),
  constraint integration_activity_log_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES public.mqtt_credentials(id) ON DELETE SET NULL,
  constraint integration_activity_log_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint integration_activity_log_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX integration_activity_log_credential_idx ON public.integration_activity_log USING btree (credential_id, id DESC);
CREATE INDEX integration_activity_log_integration_idx ON public.integration_activity_log USING btree (integration_id);
CREATE INDEX integration_activity_log_organization_idx ON public.integration_activity_log USING btree (organization_id, id DESC);
CREATE INDEX integration_activity_log_stream_idx ON public.integration_activity_log USING btree (organization_id, transaction_id);
alter table public.integration_activity_log enable row level security;
create policy integration_activity_log_read on public.integration_activity_log for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.integration_activity_log to authenticated;
grant all on public.integration_activity_log to service_role;

create table public.integration_status (
  integration_id uuid not null,
  organization_id uuid not null,
  state text not null,
  since timestamp with time zone not null,
  reason text,
  detail text default ''::text not null,
  next_try_at timestamp with time zone,
  filters text[] default '{}'::text[] not null,
  transaction_id xid8 default pg_current_xact_id() not null,
  constraint integration_status_pkey PRIMARY KEY (integration_id),
  constraint integration_status_state_check CHECK (state = ANY (ARRAY['connecting'::text, 'connected'::text, 'retrying'::text, 'refused'::text, 'stopped'::text])),
  constraint integration_status_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint integration_status_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX integration_status_stream_idx ON public.integration_status USING btree (organization_id, transaction_id);
alter table public.integration_status enable row level security;
create policy integration_status_read on public.integration_status for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.integration_status to authenticated;
grant all on public.integration_status to service_role;

create table public.integration_tokens (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  integration_id uuid not null,
  token_hash bytea not null,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  constraint integration_tokens_pkey PRIMARY KEY (id),
  constraint integration_tokens_token_hash_key UNIQUE (token_hash),
  constraint integration_tokens_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint integration_tokens_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX integration_tokens_integration_idx ON public.integration_tokens USING btree (integration_id);
CREATE INDEX integration_tokens_organization_idx ON public.integration_tokens USING btree (organization_id);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE OF expires_at ON public.integration_tokens FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER same_organization BEFORE INSERT OR UPDATE OF organization_id, integration_id ON public.integration_tokens FOR EACH ROW EXECUTE FUNCTION private.same_organization();
alter table public.integration_tokens enable row level security;
create policy integration_tokens_delete on public.integration_tokens for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy integration_tokens_insert on public.integration_tokens for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy integration_tokens_read on public.integration_tokens for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy integration_tokens_update on public.integration_tokens for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete on public.integration_tokens to authenticated;
grant all on public.integration_tokens to service_role;
grant insert (id, organization_id, integration_id, token_hash, expires_at) on public.integration_tokens to authenticated;
grant select (id, organization_id, integration_id, created_at, expires_at) on public.integration_tokens to authenticated;
grant update (expires_at) on public.integration_tokens to authenticated;

create table public.integration_traffic (
  integration_id uuid not null,
  organization_id uuid not null,
  minute timestamp with time zone not null,
  stored bigint default 0 not null,
  duplicate bigint default 0 not null,
  quarantined bigint default 0 not null,
  rejected bigint default 0 not null,
  bytes bigint default 0 not null,
  last_at timestamp with time zone,
  constraint integration_traffic_pkey PRIMARY KEY (integration_id, minute),
  constraint integration_traffic_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint integration_traffic_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX integration_traffic_organization_idx ON public.integration_traffic USING btree (organization_id, minute);
alter table public.integration_traffic enable row level security;
create policy integration_traffic_read on public.integration_traffic for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.integration_traffic to authenticated;
grant all on public.integration_traffic to service_role;

create table public.maintenance_windows (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  scope jsonb default '{"kind": "organization"}'::jsonb not null,
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint maintenance_windows_pkey PRIMARY KEY (id),
  constraint maintenance_windows_check CHECK (ends_at > starts_at),
  constraint maintenance_windows_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint maintenance_windows_scope_check CHECK (octet_length(scope::text) <= 65536),
  constraint maintenance_windows_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX maintenance_windows_organization_idx ON public.maintenance_windows USING btree (organization_id, ends_at);
CREATE TRIGGER refuse_more BEFORE INSERT ON public.maintenance_windows FOR EACH ROW EXECUTE FUNCTION private.refuse_more('500', 'ends_at > now() - interval ''7 days''', 'maintenance windows');
alter table public.maintenance_windows enable row level security;
create policy maintenance_windows_delete on public.maintenance_windows for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy maintenance_windows_insert on public.maintenance_windows for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy maintenance_windows_read on public.maintenance_windows for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant delete, select on public.maintenance_windows to authenticated;
grant all on public.maintenance_windows to service_role;
grant insert (id, organization_id, name, scope, starts_at, ends_at) on public.maintenance_windows to authenticated;

create table public.message_quarantine (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  integration_id uuid,
  external_device_id text,
  topic text not null,
  payload bytea not null,
  qos smallint not null,
  retain boolean not null,
  reason text not null,
  detail text default ''::text not null,
  client_id text,
  received_at timestamp with time zone not null,
  transaction_id xid8 default pg_current_xact_id() not null,
  constraint message_quarantine_pkey PRIMARY KEY (id),
  constraint message_quarantine_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint message_quarantine_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX message_quarantine_integration_idx ON public.message_quarantine USING btree (integration_id);
CREATE INDEX message_quarantine_organization_idx ON public.message_quarantine USING btree (organization_id, received_at DESC, id DESC);
CREATE INDEX message_quarantine_stream_idx ON public.message_quarantine USING btree (organization_id, transaction_id);
alter table public.message_quarantine enable row level security;
create policy message_quarantine_delete on public.message_quarantine for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
create policy message_quarantine_read on public.message_quarantine for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant delete, select on public.message_quarantine to authenticated;
grant all on public.message_quarantine to service_role;

create table public.message_receipts (
  id bigint generated always as identity,
  organization_id uuid not null,
  integration_id uuid not null,
  received_at timestamp with time zone not null,
  outcome text not null,
  reason text,
  topic text not null,
  client_id text,
  constraint message_receipts_pkey PRIMARY KEY (id),
  constraint message_receipts_outcome_check CHECK (outcome = ANY (ARRAY['duplicate'::text, 'rejected'::text])),
  constraint message_receipts_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint message_receipts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX message_receipts_integration_idx ON public.message_receipts USING btree (integration_id, id);
CREATE INDEX message_receipts_organization_idx ON public.message_receipts USING btree (organization_id);
alter table public.message_receipts enable row level security;
create policy message_receipts_read on public.message_receipts for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.message_receipts to authenticated;
grant all on public.message_receipts to service_role;

create table public.mqtt_connections (
  id uuid not null,
  organization_id uuid not null,
  credential_id uuid not null,
  gateway_id uuid not null,
  client_id text not null,
  protocol_level smallint not null,
  transport text not null,
  remote_address text not null,
  connected_at timestamp with time zone not null,
  disconnect_asked_at timestamp with time zone,
  constraint mqtt_connections_pkey PRIMARY KEY (id),
  constraint mqtt_connections_transport_check CHECK (transport = ANY (ARRAY['tcp'::text, 'tls'::text, 'ws'::text, 'wss'::text])),
  constraint mqtt_connections_credential_id_fkey FOREIGN KEY (credential_id) REFERENCES public.mqtt_credentials(id) ON DELETE CASCADE,
  constraint mqtt_connections_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX mqtt_connections_client_idx ON public.mqtt_connections USING btree (organization_id, client_id);
CREATE INDEX mqtt_connections_credential_idx ON public.mqtt_connections USING btree (credential_id);
CREATE INDEX mqtt_connections_gateway_idx ON public.mqtt_connections USING btree (gateway_id);
CREATE INDEX mqtt_connections_newest_idx ON public.mqtt_connections USING btree (organization_id, connected_at DESC, id DESC);
CREATE TRIGGER announce_change AFTER UPDATE OF disconnect_asked_at ON public.mqtt_connections FOR EACH ROW EXECUTE FUNCTION private.announce_change();
alter table public.mqtt_connections enable row level security;
create policy mqtt_connections_read on public.mqtt_connections for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy mqtt_connections_update on public.mqtt_connections for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant select on public.mqtt_connections to authenticated;
grant all on public.mqtt_connections to service_role;
grant update (disconnect_asked_at) on public.mqtt_connections to authenticated;

create table public.mqtt_credentials (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  device_id uuid,
  label text default ''::text not null,
  username text not null,
  password_hash text not null,
  topic_prefix text not null,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  disabled_at timestamp with time zone,
  replaces uuid,
  integration_id uuid,
  constraint mqtt_credentials_pkey PRIMARY KEY (id),
  constraint mqtt_credentials_username_key UNIQUE (username),
  constraint mqtt_credentials_check CHECK (topic_prefix ~~ (('org\_'::text || organization_id) || '/devices/%'::text)),
  constraint mqtt_credentials_label_check CHECK (length(label) <= 100),
  constraint mqtt_credentials_username_check CHECK (username ~ '^[A-Za-z0-9_-]{1,64}$'::text),
  constraint mqtt_credentials_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.devices(id) ON DELETE CASCADE,
  constraint mqtt_credentials_integration_id_fkey FOREIGN KEY (integration_id) REFERENCES public.device_integrations(id) ON DELETE CASCADE,
  constraint mqtt_credentials_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint mqtt_credentials_replaces_fkey FOREIGN KEY (replaces) REFERENCES public.mqtt_credentials(id) ON DELETE SET NULL
);
CREATE INDEX mqtt_credentials_device_idx ON public.mqtt_credentials USING btree (device_id);
CREATE INDEX mqtt_credentials_integration_idx ON public.mqtt_credentials USING btree (integration_id);
CREATE INDEX mqtt_credentials_organization_idx ON public.mqtt_credentials USING btree (organization_id);
CREATE INDEX mqtt_credentials_replaces_idx ON public.mqtt_credentials USING btree (replaces);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE OF password_hash, disabled_at, expires_at, device_id, organization_id ON public.mqtt_credentials FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER bridge_of_organization BEFORE INSERT OR UPDATE OF organization_id, integration_id ON public.mqtt_credentials FOR EACH ROW EXECUTE FUNCTION private.bridge_of_organization();
CREATE TRIGGER same_organization BEFORE INSERT OR UPDATE OF organization_id, device_id, topic_prefix ON public.mqtt_credentials FOR EACH ROW EXECUTE FUNCTION private.same_organization();
alter table public.mqtt_credentials enable row level security;
create policy credentials_delete on public.mqtt_credentials for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy credentials_insert on public.mqtt_credentials for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy credentials_read on public.mqtt_credentials for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy credentials_update on public.mqtt_credentials for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete on public.mqtt_credentials to authenticated;
grant all on public.mqtt_credentials to service_role;
grant insert (id, organization_id, device_id, label, username, password_hash, topic_prefix, expires_at, replaces, integration_id) on public.mqtt_credentials to authenticated;
grant select (id, organization_id, device_id, label, username, topic_prefix, created_at, last_used_at, expires_at, disabled_at, replaces, integration_id) on public.mqtt_credentials to authenticated;
grant update (label, expires_at, disabled_at) on public.mqtt_credentials to authenticated;

create table public.notification_channels (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  kind text not null,
  settings jsonb default '{}'::jsonb not null,
  sealed_secrets text,
  min_severity text default 'info'::text not null,
  schedule jsonb,
  quiet_hours jsonb,
  critical_always boolean default true not null,
  notify_resolved boolean default true not null,
  enabled boolean default true not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint notification_channels_pkey PRIMARY KEY (id),
  constraint notification_channels_kind_check CHECK (kind = ANY (ARRAY['webhook'::text, 'email'::text, 'slack'::text, 'teams'::text])),
  constraint notification_channels_min_severity_check CHECK (min_severity = ANY (ARRAY['info'::text, 'warning'::text, 'critical'::text])),
  constraint notification_channels_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint notification_channels_quiet_hours_check CHECK (octet_length(quiet_hours::text) <= 8192),
  constraint notification_channels_schedule_check CHECK (octet_length(schedule::text) <= 8192),
  constraint notification_channels_sealed_secrets_check CHECK (length(sealed_secrets) <= 16384),
  constraint notification_channels_settings_check CHECK (octet_length(settings::text) <= 16384),
  constraint notification_channels_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX notification_channels_organization_idx ON public.notification_channels USING btree (organization_id);
CREATE TRIGGER forget_channel AFTER DELETE ON public.notification_channels FOR EACH ROW EXECUTE FUNCTION private.forget_channel();
CREATE TRIGGER refuse_more BEFORE INSERT ON public.notification_channels FOR EACH ROW EXECUTE FUNCTION private.refuse_more('50', 'true', 'channels');
alter table public.notification_channels enable row level security;
create policy notification_channels_delete on public.notification_channels for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy notification_channels_insert on public.notification_channels for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy notification_channels_read on public.notification_channels for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy notification_channels_update on public.notification_channels for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete on public.notification_channels to authenticated;
grant all on public.notification_channels to service_role;
grant insert (id, organization_id, name, kind, settings, sealed_secrets, min_severity, schedule, quiet_hours, critical_always, notify_resolved, enabled) on public.notification_channels to authenticated;
grant select (id, organization_id, name, kind, settings, min_severity, schedule, quiet_hours, critical_always, notify_resolved, enabled, created_at, updated_at) on public.notification_channels to authenticated;
grant update (name, settings, sealed_secrets, min_severity, schedule, quiet_hours, critical_always, notify_resolved, enabled, updated_at) on public.notification_channels to authenticated;

create table public.notification_deliveries (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  channel_id uuid not null,
  content jsonb not null,
  state text default 'pending'::text not null,
  attempts integer default 0 not null,
  next_try_at timestamp with time zone default now() not null,
  last_error text,
  created_at timestamp with time zone default now() not null,
  sent_at timestamp with time zone,
  retried_at timestamp with time zone,
  constraint notification_deliveries_pkey PRIMARY KEY (id),
  constraint notification_deliveries_last_error_check CHECK (length(last_error) <= 1000),
  constraint notification_deliveries_state_check CHECK (state = ANY (ARRAY['pending'::text, 'sent'::text, 'dead'::text])),
  constraint notification_deliveries_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.notification_channels(id) ON DELETE CASCADE,
  constraint notification_deliveries_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX notification_deliveries_age_idx ON public.notification_deliveries USING brin (created_at);
CREATE INDEX notification_deliveries_channel_idx ON public.notification_deliveries USING btree (channel_id, created_at DESC, id DESC);
CREATE INDEX notification_deliveries_dead_idx ON public.notification_deliveries USING btree (organization_id, created_at DESC, id DESC) WHERE (state = 'dead'::text);
CREATE INDEX notification_deliveries_organization_idx ON public.notification_deliveries USING btree (organization_id, created_at DESC, id DESC);
CREATE INDEX notification_deliveries_pending_idx ON public.notification_deliveries USING btree (channel_id, next_try_at) WHERE (state = 'pending'::text);
CREATE TRIGGER retry_delivery BEFORE UPDATE OF retried_at ON public.notification_deliveries FOR EACH ROW EXECUTE FUNCTION private.retry_delivery();
alter table public.notification_deliveries enable row level security;
create policy notification_deliveries_read on public.notification_deliveries for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy notification_deliveries_update on public.notification_deliveries for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('member'::text) AS organizations_of)));
grant select on public.notification_deliveries to authenticated;
grant all on public.notification_deliveries to service_role;
grant update (retried_at) on public.notification_deliveries to authenticated;

create table public.organization_api_keys (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  role text not null,
  key_prefix text not null,
  key_sha256 bytea not null,
  created_by uuid,
  created_at timestamp with time zone default now() not null,
  last_used_at timestamp with time zone,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint organization_api_keys_pkey PRIMARY KEY (id),
  constraint organization_api_keys_key_sha256_key UNIQUE (key_sha256),
  constraint organization_api_keys_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint organization_api_keys_role_check CHECK (role = ANY (ARRAY['admin'::text, 'member'::text, 'viewer'::text])),
  constraint organization_api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX organization_api_keys_organization_idx ON public.organization_api_keys USING btree (organization_id);
alter table public.organization_api_keys enable row level security;
create policy api_keys_delete on public.organization_api_keys for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy api_keys_insert on public.organization_api_keys for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy api_keys_read on public.organization_api_keys for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy api_keys_update on public.organization_api_keys for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete, insert on public.organization_api_keys to authenticated;
grant all on public.organization_api_keys to service_role;
grant select (id, organization_id, name, role, key_prefix, created_by, created_at, last_used_at, expires_at, revoked_at) on public.organization_api_keys to authenticated;
grant update (name, revoked_at) on public.organization_api_keys to authenticated;

create table public.organization_invitations (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  email text,
  role text not null,
  token_hash bytea not null,
  invited_by uuid,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  constraint organization_invitations_pkey PRIMARY KEY (id),
  constraint organization_invitations_token_hash_key UNIQUE (token_hash),
  constraint organization_invitations_email_check CHECK (length(email) <= 320),
  constraint organization_invitations_role_check CHECK (role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text])),
  constraint organization_invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX organization_invitations_organization_idx ON public.organization_invitations USING btree (organization_id);
alter table public.organization_invitations enable row level security;
create policy invitations_delete on public.organization_invitations for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy invitations_insert on public.organization_invitations for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('owner'::text) AS organizations_of)) OR role <> 'owner'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
create policy invitations_read on public.organization_invitations for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete, insert on public.organization_invitations to authenticated;
grant all on public.organization_invitations to service_role;
grant select (id, organization_id, email, role, invited_by, created_at, expires_at, accepted_at, accepted_by) on public.organization_invitations to authenticated;

create table public.organization_limits (
  organization_id uuid not null,
  plan text default 'default'::text not null,
  overrides jsonb default '{}'::jsonb not null,
  updated_at timestamp with time zone default now() not null,
  constraint organization_limits_pkey PRIMARY KEY (organization_id),
  constraint organization_limits_overrides_check CHECK (private.are_limits(overrides)),
  constraint organization_limits_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint organization_limits_plan_fkey FOREIGN KEY (plan) REFERENCES private.plans(name) ON UPDATE CASCADE
);
CREATE INDEX organization_limits_plan_idx ON public.organization_limits USING btree (plan);
CREATE TRIGGER announce_change AFTER INSERT OR DELETE OR UPDATE ON public.organization_limits FOR EACH ROW EXECUTE FUNCTION private.announce_change();
alter table public.organization_limits enable row level security;
create policy limits_read on public.organization_limits for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.organization_limits to authenticated;
grant all on public.organization_limits to service_role;

create table public.organization_members (
  organization_id uuid not null,
  user_id uuid not null,
  role text not null,
  created_at timestamp with time zone default now() not null,
  constraint organization_members_pkey PRIMARY KEY (organization_id, user_id),
  constraint organization_members_role_check CHECK (role = ANY (ARRAY['owner'::text, 'admin'::text, 'member'::text, 'viewer'::text])),
  constraint organization_members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
CREATE INDEX organization_members_user_idx ON public.organization_members USING btree (user_id);
CREATE TRIGGER keep_an_owner AFTER DELETE OR UPDATE OF role ON public.organization_members FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION private.keep_an_owner();
alter table public.organization_members enable row level security;
create policy members_delete on public.organization_members for delete to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('owner'::text) AS organizations_of)) OR role <> 'owner'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)) OR user_id = ((NULLIF(current_setting('request.jwt.claims'::text, true), ''::text)::jsonb ->> 'sub'::text)::uuid));
create policy members_insert on public.organization_members for insert to authenticated
  with check ((organization_id IN ( SELECT private.organizations_of('owner'::text) AS organizations_of)));
create policy members_read on public.organization_members for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy members_update on public.organization_members for update to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('owner'::text) AS organizations_of)) OR role <> 'owner'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((organization_id IN ( SELECT private.organizations_of('owner'::text) AS organizations_of)) OR role <> 'owner'::text AND (organization_id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant delete, insert, select on public.organization_members to authenticated;
grant all on public.organization_members to service_role;
grant update (role) on public.organization_members to authenticated;

create table public.organization_usage (
  organization_id uuid not null,
  day date not null,
  limit_name text not null,
  peak bigint default 0 not null,
  hits bigint default 0 not null,
  last_hit_at timestamp with time zone,
  constraint organization_usage_pkey PRIMARY KEY (organization_id, day, limit_name),
  constraint organization_usage_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
alter table public.organization_usage enable row level security;
create policy usage_read on public.organization_usage for select to authenticated
  using ((organization_id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
grant select on public.organization_usage to authenticated;
grant all on public.organization_usage to service_role;

create table public.organizations (
  id uuid default gen_random_uuid() not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  readings_retention_days integer,
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_name_check CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint organizations_readings_retention_days_check CHECK (readings_retention_days >= 1 AND readings_retention_days <= 36500)
);
CREATE TRIGGER announce_change AFTER DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.announce_change();
CREATE TRIGGER forget_alert_rules BEFORE DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.forget_alert_rules();
alter table public.organizations enable row level security;
create policy organizations_read on public.organizations for select to authenticated
  using ((id IN ( SELECT private.organizations_of('viewer'::text) AS organizations_of)));
create policy organizations_update on public.organizations for update to authenticated
  using ((id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)))
  with check ((id IN ( SELECT private.organizations_of('admin'::text) AS organizations_of)));
grant select on public.organizations to authenticated;
grant all on public.organizations to service_role;
grant update (name, readings_retention_days) on public.organizations to authenticated;

CREATE OR REPLACE FUNCTION private.announce_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  changed jsonb := to_jsonb(coalesce(old, new));
begin
  perform pg_notify('changes', json_build_object(
    'table', tg_table_name,
    'operation', lower(tg_op),
    'id', changed ->> 'id',
    'organization_id', changed ->> 'organization_id',
    'integration_id', changed ->> 'integration_id',
    'username', changed ->> 'username',
    'external_device_id', changed ->> 'external_device_id')::text);
  return null;
end
$function$;
grant execute on function private.announce_change() to public;

CREATE OR REPLACE FUNCTION private.announce_commands()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
  perform private.call_devices(array(select distinct device_id from created where state = 'queued'));
  perform pg_notify('stored', organization_id::text) from (select distinct organization_id from created) told;
  return null;
end
$function$;
grant execute on function private.announce_commands() to public;

CREATE OR REPLACE FUNCTION private.are_limits(limits jsonb)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select jsonb_typeof(limits) = 'object' and not exists (
    select from jsonb_each(limits)
     where key not in ('connections', 'messages_per_second', 'bytes_per_second', 'message_bytes', 'devices',
                       'subscriptions', 'stored_rows')
        or jsonb_typeof(value) <> 'null' and value::text !~ '^[0-9]{1,15}$')
$function$;

CREATE OR REPLACE FUNCTION private.are_tags(tags text[])
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select cardinality(tags) <= 20
     and not exists (
       select from unnest(tags) as tag
        where tag is null or length(tag) not between 1 and 50 or tag <> lower(btrim(tag)) or tag ~ '[[:cntrl:],;]')
     and cardinality(tags) = (select count(distinct tag) from unnest(tags) as tag)
$function$;
grant execute on function private.are_tags(tags text[]) to public;

CREATE OR REPLACE FUNCTION private.bridge_of_organization()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.integration_id is not null and not exists (
    select 1 from public.device_integrations
     where id = new.integration_id and organization_id = new.organization_id and mode = 'bridge') then
    raise exception 'the integration is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$function$;
grant execute on function private.bridge_of_organization() to public;

CREATE OR REPLACE FUNCTION private.call_devices(devices uuid[], seconds integer DEFAULT 0)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
  with called as materialized (
    select json_build_object('device', d.id)::jsonb as message, i.id is null or i.mode = 'bridge' as is_hosted,
           seconds + ((row_number() over (partition by d.organization_id) - 1) / 500)::integer as delay
      from public.devices d
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
     where d.id = any (devices)
  ), hosted as (
    -- As pgmq.send does, whose three functions take longer than all else that is done here.
    insert into pgmq.q_commands_hosted (vt, message)
    select clock_timestamp() + make_interval(secs => delay), message from called where is_hosted
  ), external as (
    insert into pgmq.q_commands_external (vt, message)
    select clock_timestamp() + make_interval(secs => delay), message from called where not is_hosted
  )
  select pg_notify('commands', case when is_hosted then 'commands_hosted' else 'commands_external' end)
    from (select distinct is_hosted from called where delay = 0) now
$function$;

CREATE OR REPLACE FUNCTION private.change_alert()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.changed_in := pg_current_xact_id();
  if new.state is distinct from old.state then
    if old.state = 'resolved' and old.cleared_at is not null and new.cleared_at is not null then
      raise exception 'the alert is over' using errcode = '23514';
    end if;
    new.resolved_at := case when new.state = 'resolved' then coalesce(new.resolved_at, now()) end;
    new.resolution := case when new.state = 'resolved' then coalesce(new.resolution, 'by_hand') end;
    if new.state = 'acknowledged' then
      new.acknowledged_at := now();
      new.acknowledged_by := (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
    elsif new.state = 'open' then
      new.acknowledged_at := null;
      new.acknowledged_by := null;
    end if;
    if new.state = 'resolved' then
      new.snoozed_until := null;
    end if;
  end if;
  return new;
end
$function$;
grant execute on function private.change_alert() to public;

CREATE OR REPLACE FUNCTION private.change_alert_rule()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  looks_anew boolean := tg_op = 'UPDATE' and row (new.condition, new.for_seconds, new.scope, new.schedule, new.enabled)
    is distinct from row (old.condition, old.for_seconds, old.scope, old.schedule, old.enabled);
begin
  if tg_op = 'DELETE' or looks_anew then
    delete from private.pending_alerts where rule_id = old.id;
    update public.alerts set cleared_at = greatest(opened_at, now()), state = 'resolved',
           resolution = case when state = 'resolved' then resolution when tg_op = 'DELETE' then 'rule_deleted'
                             when not new.enabled then 'rule_disabled' else 'rule_changed' end
     where rule_id = old.id and cleared_at is null;
  end if;
  if tg_op = 'DELETE' then
    -- Where the host's own key does not.
    if old.condition is not null then
      update public.alerts set rule_id = null where rule_id = old.id;
    end if;
    return old;
  end if;
  if looks_anew then
    new.judged_from := now();
  end if;
  return new;
end
$function$;
grant execute on function private.change_alert_rule() to public;

CREATE OR REPLACE FUNCTION private.change_command()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if old.finished_at is not null and row (new.state, new.result, new.reason)
     is distinct from row (old.state, old.result, old.reason) then
    raise exception 'the command has ended as %', old.state using errcode = '23514';
  end if;
  if row (new.state, new.reason, new.detail, new.result) is distinct from row (old.state, old.reason, old.detail, old.result) then
    new.changed_in := pg_current_xact_id();
  end if;
  if new.finished_at is null and new.state in ('succeeded', 'failed', 'expired', 'cancelled', 'undeliverable') then
    new.finished_at := now();
  end if;
  if new.state <> 'queued' then
    new.sending_until := null;
    new.waits_for_device := false;
    new.next_attempt_at := null;
  end if;
  return new;
end
$function$;
grant execute on function private.change_command() to public;

CREATE OR REPLACE FUNCTION private.change_commands(ids uuid[], allowed text[], organizations uuid[], external_device_ids text[], states text[], reasons text[], details text[], results jsonb[], attempted boolean[], waiting boolean[], retry_seconds double precision[], published_at double precision[], handed_over boolean[], delivered boolean[], acknowledged boolean[])
 RETURNS TABLE(command uuid, organization uuid, told text)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
  with given as materialized (
    select * from unnest(ids, allowed, organizations, external_device_ids, states, reasons, details, results, attempted,
        waiting, retry_seconds, published_at, handed_over, delivered, acknowledged)
      as n (id, allowed, organization, device, state, reason, detail, result, attempted, waiting, retry, published_at,
        handed_over, delivered, acknowledged)
     order by id
  ), changed as (
    update public.device_commands c set
      state = n.state, reason = n.reason, detail = n.detail, result = coalesce(n.result, c.result),
      attempts = c.attempts + n.attempted::int, sending_until = null, waits_for_device = n.waiting,
      next_attempt_at = now() + make_interval(secs => n.retry),
      published_at = coalesce(to_timestamp(n.published_at / 1000), c.published_at),
      handed_over = c.handed_over or n.handed_over,
      delivered_at = case when n.delivered then coalesce(c.delivered_at, now()) else c.delivered_at end,
      acknowledged_at = case when n.acknowledged then now() else c.acknowledged_at end
     from given n
    where c.id = n.id and c.id = any (ids) and coalesce(c.state, '') = any (string_to_array(n.allowed, ','))
      and (n.organization is null or c.organization_id = n.organization)
      and (n.device is null or n.device = (select d.external_device_id from public.devices d where d.id = c.device_id))
    returning c.id, c.organization_id, c.device_id, n.retry
  )
  -- Announced within the transaction: few of them commit at a time, and whoever waits sees it a round trip sooner.
  select id, organization_id, pg_notify('stored', organization_id::text)::text ||
         coalesce(case when retry is not null then private.call_devices(array[device_id], ceil(retry)::int)::text end, '')
    from changed
$function$;

CREATE OR REPLACE FUNCTION private.changed_alert_rule()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'INSERT' or new.judged_from <> old.judged_from then
    perform private.judge_by_rule(new);
  end if;
  return null;
end
$function$;
grant execute on function private.changed_alert_rule() to public;

CREATE OR REPLACE FUNCTION private.channels_of_alerts(alerts uuid[])
 RETURNS TABLE(channel_id uuid, alert_id uuid)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select c.id, a.id
    from public.alerts a
    left join public.alert_rules r on r.id = a.rule_id
    join public.notification_channels c on c.organization_id = a.organization_id and c.enabled
     and case when cardinality(r.channel_ids) > 0 then c.id = any (r.channel_ids)
              else private.severity_rank(a.severity) >= private.severity_rank(c.min_severity) end
   where a.id = any (alerts)
$function$;

CREATE OR REPLACE FUNCTION private.claim_idempotency_key(request_key text, hash bytea)
 RETURNS TABLE(same_request boolean, answer jsonb)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  delete from private.idempotency_keys
   where ctid in (select ctid from private.idempotency_keys where created_at < now() - interval '24 hours'
                   order by created_at limit 100 for update skip locked);
  insert into private.idempotency_keys (caller, key, request_hash)
  values (private.idempotency_caller(), request_key, hash)
  on conflict do nothing;
  if not found then
    return query
      select k.request_hash = hash, k.answer
        from private.idempotency_keys k
       where k.caller = private.idempotency_caller() and k.key = request_key;
  end if;
end
$function$;
grant execute on function private.claim_idempotency_key(request_key text, hash bytea) to authenticated;

CREATE OR REPLACE FUNCTION private.count_deleted_history()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update private.stored_rows s set rows = greatest(0, s.rows - gone.rows)
    from (select h.organization_id, count(*) as rows from public.device_telemetry_history h
            join deleted d on d.id = h.device_id group by h.organization_id) gone
   where s.organization_id = gone.organization_id;
  return null;
end
$function$;
grant execute on function private.count_deleted_history() to public;

CREATE OR REPLACE FUNCTION private.create_device_state()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.device_state (device_id, organization_id)
  select id, organization_id from created on conflict do nothing;
  return null;
end
$function$;
grant execute on function private.create_device_state() to public;

CREATE OR REPLACE FUNCTION private.delete_device_history()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  delete from public.device_telemetry_history h using deleted where h.device_id = deleted.id;
  delete from public.device_telemetry_1m r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1h r using deleted where r.device_id = deleted.id;
  delete from public.device_telemetry_1d r using deleted where r.device_id = deleted.id;
  delete from public.device_messages m using deleted where m.device_id = deleted.id;
  return null;
end
$function$;
grant execute on function private.delete_device_history() to public;

CREATE OR REPLACE FUNCTION private.device_room(organization uuid)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  most bigint := (private.limits_of(organization) ->> 'devices')::bigint;
begin
  if organization not in (select private.organizations_of('member')) then
    return 0;
  end if;
  if most is null then
    return null;
  end if;
  perform from public.organizations o where o.id = organization for no key update;
  return greatest(0, most - (select count(*) from public.devices d where d.organization_id = organization));
end
$function$;
grant execute on function private.device_room(organization uuid) to authenticated;
grant execute on function private.device_room(organization uuid) to service_role;

CREATE OR REPLACE FUNCTION private.end_snooze()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform pgmq.send_batch('alert_notifications', array_agg(jsonb_build_object('alert', c.id, 'event', 'opened')))
     from changed c join former f using (id)
    where c.state = 'open' and f.state = 'open' and f.snoozed_until > now()
      and coalesce(c.snoozed_until, '-infinity') <= now()
   having count(*) > 0;
  return null;
end
$function$;
grant execute on function private.end_snooze() to public;

CREATE OR REPLACE FUNCTION private.end_turns(devices uuid[], worker uuid, hosted_words bigint[], external_words bigint[])
 RETURNS SETOF uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  ended uuid[];
begin
  perform 1 from private.leases
    where name = any (array(select 'commands/' || device from unnest(devices) as device)) and holder = worker
    order by name for update;
  select array_agg(device) into ended
    from unnest(devices) as device
   where not exists (
     select from (select next_attempt_at, waits_for_device from public.device_commands c
                   where c.device_id = device and c.state = 'queued' and c.expires_at > now()
                   order by sequence limit 1) head
      where not head.waits_for_device and coalesce(head.next_attempt_at, '-infinity') <= now());
  delete from private.leases
   where name = any (array(select 'commands/' || device from unnest(ended) as device)) and holder = worker;
  delete from pgmq.q_commands_hosted where msg_id = any (hosted_words);
  delete from pgmq.q_commands_external where msg_id = any (external_words);
  return query select device from unnest(devices) as device where device <> all (coalesce(ended, '{}'));
end
$function$;

CREATE OR REPLACE FUNCTION private.ensure_history_partition(month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  starts date := date_trunc('month', month)::date;
  partition_name text := 'device_telemetry_history_' || to_char(starts, 'YYYY_MM');
begin
  if to_regclass('public.' || partition_name) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtext('device_telemetry_history'));
  -- From the table, not by name: a session remembers names that it did not find, and this lock does not make it forget.
  if exists (select from pg_catalog.pg_class
              where relname = partition_name and relnamespace = 'public'::regnamespace) then
    return;
  end if;
  execute format('create table public.%I (like public.device_telemetry_history including defaults including indexes)',
    partition_name);
  execute format('alter table public.%I enable row level security', partition_name);
  execute format('revoke all on public.%I from anon, authenticated', partition_name);
  execute format('alter table public.device_telemetry_history attach partition public.%I for values from (%L) to (%L)',
    partition_name, starts::timestamp at time zone 'UTC', (starts + interval '1 month')::timestamp at time zone 'UTC');
end
$function$;

CREATE OR REPLACE FUNCTION private.ensure_rollup_partitions(month date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  starts date := date_trunc('month', month)::date;
  parent text;
  partition_name text;
begin
  foreach parent in array array['device_telemetry_1m', 'device_telemetry_1h', 'device_telemetry_1d'] loop
    partition_name := parent || '_' || to_char(starts, 'YYYY_MM');
    continue when to_regclass('public.' || partition_name) is not null;
    perform pg_advisory_xact_lock(hashtext('device_telemetry_history'));
    continue when exists (select from pg_catalog.pg_class
                           where relname = partition_name and relnamespace = 'public'::regnamespace);
    execute format('create table public.%I (like public.%I including indexes)', partition_name, parent);
    execute format('alter table public.%I enable row level security', partition_name);
    execute format('revoke all on public.%I from anon, authenticated', partition_name);
    execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)', parent,
      partition_name, starts::timestamp at time zone 'UTC', (starts + interval '1 month')::timestamp at time zone 'UTC');
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION private.enter_command()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  owner uuid;
  is_repeat boolean;
begin
  -- Inserts for one device wait for each other, so that the order of sequence is that of commits. Writes of readings
  -- lock other rows.
  select organization_id into owner from public.devices where id = new.device_id
     and (claims is null or claims ->> 'role' <> 'authenticated'
          or organization_id in (select private.organizations_of('viewer')))
     for no key update;
  if owner is null or new.organization_id <> owner then
    raise exception 'there is no such device' using errcode = '23503';
  end if;
  if new.sent_again_of is not null and not exists (
    select from public.device_commands where id = new.sent_again_of and device_id = new.device_id) then
    raise exception 'the command to send again is not of this device' using errcode = '23503';
  end if;
  -- A repeat adds none, and takes nobody's place: the insert will find that it is there already.
  is_repeat := exists (select from public.device_commands
    where organization_id = owner and idempotency_key = new.idempotency_key);
  if not is_repeat and (select count(*) from (select from public.device_commands
        where device_id = new.device_id and state = 'queued' limit 1000) waiting) = 1000 then
    raise exception '1000 commands wait for this device already' using errcode = 'NN002';
  end if;
  new.organization_id := owner;
  new.sequence := nextval('private.device_command_sequence');
  new.requested_as := case when claims ? 'sub' then 'user' when claims ? 'api_key_id' then 'api_key' end;
  new.requested_by := coalesce(claims ->> 'sub', claims ->> 'api_key_id')::uuid;
  new.created_at := now();
  new.state := 'queued';
  if new.expires_at <= now() then
    new.state := 'expired';
    new.reason := 'not_sent';
    new.finished_at := now();
  elsif new.supersede_key is not null and not is_repeat then
    update public.device_commands set state = 'cancelled', reason = 'superseded'
     where device_id = new.device_id and supersede_key = new.supersede_key and state = 'queued'
       and coalesce(sending_until, '-infinity') < now();
  end if;
  return new;
end
$function$;
grant execute on function private.enter_command() to public;

CREATE OR REPLACE FUNCTION private.exchange_use(process uuid, told jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  is_new boolean;
  answer jsonb;
begin
  insert into private.use_processes as p (id, beat_at) values (process, clock_timestamp())
  on conflict (id) do update set beat_at = excluded.beat_at
  returning xmax = 0 into is_new;
  if is_new then
    delete from private.use_processes where beat_at < clock_timestamp() - interval '1 minute';
  end if;

  -- From here on nobody else tells of these organizations; what follows sees what others told before.
  insert into private.organization_buckets as b (organization_id, limits, messages, bytes, refilled_at)
  select t.organization_id, l.limits,
         private.refilled(null, (l.limits ->> 'messages_per_second')::float8, t.messages, clock_timestamp()),
         private.refilled(null, (l.limits ->> 'bytes_per_second')::float8, t.bytes, clock_timestamp()),
         clock_timestamp()
    from jsonb_to_recordset(told) as t (organization_id uuid, messages float8, bytes float8)
    join public.organizations o on o.id = t.organization_id
    cross join lateral private.limits_of(t.organization_id) as l (limits)
   order by t.organization_id
  on conflict (organization_id) do update set
    limits = excluded.limits,
    messages = private.refilled(b.messages, (excluded.limits ->> 'messages_per_second')::float8,
      60 * (excluded.limits ->> 'messages_per_second')::float8 - excluded.messages, b.refilled_at),
    bytes = private.refilled(b.bytes, (excluded.limits ->> 'bytes_per_second')::float8,
      60 * (excluded.limits ->> 'bytes_per_second')::float8 - excluded.bytes, b.refilled_at),
    refilled_at = clock_timestamp();

  insert into private.stored_rows as s (organization_id, rows)
  select t.organization_id, t.stored
    from jsonb_to_recordset(told) as t (organization_id uuid, stored bigint)
    join public.organizations o on o.id = t.organization_id
   where t.stored > 0
   order by t.organization_id
  on conflict (organization_id) do update set rows = s.rows + excluded.rows;

  with mine as (
    select t.*, coalesce((select s.rows from private.stored_rows s where s.organization_id = t.organization_id), 0) as stored_rows, b.limits, b.messages as messages_left, b.bytes as bytes_left,
           t.messages / greatest(t.seconds, 1) as messages_per_second,
           t.bytes / greatest(t.seconds, 1) as bytes_per_second
      from jsonb_to_recordset(told) as t (organization_id uuid, connections integer, claims integer, subscriptions integer,
             messages float8, bytes float8, seconds float8, waiting boolean, hits jsonb)
      join private.organization_buckets b using (organization_id)
  ), others as (
    select u.organization_id, sum(u.connections)::integer as connections, sum(u.reserved)::integer as reserved,
           sum(u.subscriptions)::integer as subscriptions, sum(u.messages_per_second) as messages_per_second,
           sum(u.bytes_per_second) as bytes_per_second,
           jsonb_agg(jsonb_build_array(u.messages_per_second, u.bytes_per_second, u.is_waiting)) as demands
      from private.process_use u
      join private.use_processes p on p.id = u.process_id and p.beat_at > clock_timestamp() - interval '5 seconds'
     where u.organization_id in (select organization_id from mine) and u.process_id <> process
     group by u.organization_id
  ), judged as (
    select m.*, coalesce(o.connections, 0) as others_connections, coalesce(o.reserved, 0) as others_reserved,
           coalesce(o.subscriptions, 0) as others_subscriptions,
           coalesce(o.messages_per_second, 0) as others_messages, coalesce(o.bytes_per_second, 0) as others_bytes,
           coalesce(o.demands, '[]') as demands,
           (m.limits ->> 'connections')::bigint - coalesce(o.reserved, 0) - m.connections as room
      from mine m left join others o using (organization_id)
  ), granted as (
    -- To who has to ask, what it asks for and some of what is left, so that it need not ask for each.
    select j.*, j.connections + greatest(0, least(room, claims
             + case when claims > 0 then greatest(0, room - claims) / 8 else 0 end))::integer as reserved
      from judged j
  ), written as (
    insert into private.process_use as u (organization_id, process_id, connections, reserved, subscriptions,
      messages_per_second, bytes_per_second, is_waiting)
    select organization_id, process, connections, coalesce(reserved, connections), subscriptions,
           messages_per_second, bytes_per_second, waiting
      from granted order by organization_id
    on conflict (organization_id, process_id) do update set
      connections = excluded.connections, reserved = excluded.reserved, subscriptions = excluded.subscriptions,
      messages_per_second = excluded.messages_per_second, bytes_per_second = excluded.bytes_per_second,
      is_waiting = excluded.is_waiting
  ), reached as (
    select g.organization_id, r.limit_name, r.peak, coalesce((g.hits ->> r.limit_name)::bigint, 0) as hits
      from granted g
      cross join lateral (values
        ('connections', g.connections + g.others_connections),
        ('subscriptions', g.subscriptions + g.others_subscriptions),
        ('messages_per_second', round(g.messages_per_second + g.others_messages)),
        ('bytes_per_second', round(g.bytes_per_second + g.others_bytes)),
        ('message_bytes', 0), ('devices', 0), ('stored_rows', 0)) as r (limit_name, peak)
  ), kept as (
    insert into public.organization_usage as u (organization_id, day, limit_name, peak, hits, last_hit_at)
    select r.organization_id, (now() at time zone 'UTC')::date, r.limit_name, r.peak, r.hits,
           case when r.hits > 0 then clock_timestamp() end
      from reached r
      left join public.organization_usage u
        on u.organization_id = r.organization_id and u.day = (now() at time zone 'UTC')::date and u.limit_name = r.limit_name
     where r.hits > 0 or r.peak > coalesce(u.peak, 0)
     order by r.organization_id, r.limit_name
    on conflict (organization_id, day, limit_name) do update set
      peak = greatest(u.peak, excluded.peak), hits = u.hits + excluded.hits,
      last_hit_at = coalesce(excluded.last_hit_at, u.last_hit_at)
  )
  select jsonb_agg(jsonb_build_object('organization_id', organization_id, 'limits', limits, 'reserved', reserved,
           'others', jsonb_build_array(others_connections, others_reserved, others_subscriptions),
           'demands', demands, 'messages', messages_left, 'bytes', bytes_left, 'stored_rows', stored_rows))
    into answer from granted;
  return jsonb_build_object('new', is_new, 'organizations', coalesce(answer, '[]'));
end
$function$;

CREATE OR REPLACE FUNCTION private.fail_unless(holds boolean, complaint text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if holds then
    return true;
  end if;
  raise exception '%', complaint using errcode = 'NN001';
end
$function$;

CREATE OR REPLACE FUNCTION private.forget_alert_rules()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  delete from public.alert_rules where organization_id = old.id;
  return old;
end
$function$;
grant execute on function private.forget_alert_rules() to public;

CREATE OR REPLACE FUNCTION private.forget_channel()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  update public.alert_rules set channel_ids = array_remove(channel_ids, old.id)
   where organization_id = old.organization_id and old.id = any (channel_ids);
  return old;
end
$function$;
grant execute on function private.forget_channel() to public;

CREATE OR REPLACE FUNCTION private.found_organization(name text, owner uuid)
 RETURNS uuid
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  with created as (
    insert into public.organizations (name) values (found_organization.name) returning id
  ), owned as (
    insert into public.organization_members (organization_id, user_id, role) select id, owner, 'owner' from created
  ), connected as (
    insert into public.device_integrations (organization_id, name, integration_type)
    select id, 'Hosted broker', 'mqtt_hosted' from created
  )
  select id from created
$function$;

CREATE OR REPLACE FUNCTION private.has_device_room(organization uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if organization not in (select private.organizations_of('member')) then
    return false;
  end if;
  if private.limits_of(organization) ->> 'devices' is null then
    return true;
  end if;
  perform from public.organizations o where o.id = organization for no key update;
  return (select count(*) from public.devices d where d.organization_id = organization)
    < (private.limits_of(organization) ->> 'devices')::bigint;
end
$function$;
grant execute on function private.has_device_room(organization uuid) to authenticated;
grant execute on function private.has_device_room(organization uuid) to service_role;

CREATE OR REPLACE FUNCTION private.idempotency_caller()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce('user:' || (claim ->> 'sub'), 'api_key:' || (claim ->> 'api_key_id'))
    from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claim) claims
$function$;
grant execute on function private.idempotency_caller() to authenticated;

CREATE OR REPLACE FUNCTION private.integration_type(given text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select case replace(lower(given), '-', '_')
    when 'mqtt_hosted' then 'mqtt_hosted'
    when 'mqtt_external' then 'mqtt_external'
    when 'mqtt' then 'mqtt_external'
    else given
  end
$function$;
grant execute on function private.integration_type(given text) to public;

CREATE OR REPLACE FUNCTION private.is_subscribed(integration uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (
    select from private.leases l
      join public.device_integrations i on i.id = integration
     where l.name = 'subscription/' || integration and l.expires_at > now() - interval '15 seconds'
       and i.organization_id in (select private.organizations_of('viewer')))
$function$;
grant execute on function private.is_subscribed(integration uuid) to authenticated;
grant execute on function private.is_subscribed(integration uuid) to service_role;

CREATE OR REPLACE FUNCTION private.judge_by_rule(rule public.alert_rules)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  insert into private.alert_signals (organization_id, device_id, since)
  select s.organization_id, s.device_id, least(s.newest_recorded_at, now())
    from public.device_state s
   where rule.enabled and rule.condition ->> 'kind' not in ('no_data', 'offline', 'link_down')
     and s.organization_id = rule.organization_id and s.newest_recorded_at > now() - interval '1 day'
     and (rule.scope ->> 'kind' <> 'devices' or rule.scope -> 'device_ids' ? s.device_id::text);
  select pg_notify('stored', rule.organization_id::text);
$function$;

CREATE OR REPLACE FUNCTION private.keep_an_owner()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Serialises changes of owners within one organization, or two could each see the other remain.
  perform 1 from public.organizations where id = old.organization_id for update;
  if found and not exists (
    select 1 from public.organization_members
     where organization_id = old.organization_id and role = 'owner'
  ) then
    raise exception 'an organization needs at least one owner' using errcode = '23514';
  end if;
  return null;
end
$function$;
grant execute on function private.keep_an_owner() to public;

CREATE OR REPLACE FUNCTION private.keep_idempotent_answer(request_key text, given jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update private.idempotency_keys set answer = given
   where caller = private.idempotency_caller() and key = request_key
$function$;
grant execute on function private.keep_idempotent_answer(request_key text, given jsonb) to authenticated;

CREATE OR REPLACE FUNCTION private.limits_of(organization uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce((select to_jsonb(p) - 'name' from private.plans p
                    where p.name = coalesce((select l.plan from public.organization_limits l
                                              where l.organization_id = organization), 'default')), '{}')
      || coalesce((select l.overrides from public.organization_limits l
                    where l.organization_id = organization), '{}')
$function$;

CREATE OR REPLACE FUNCTION private.merge_latest(known jsonb, arrived jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO ''
AS $function$
  select coalesce(known, '{}') || coalesce(jsonb_object_agg(key, value), '{}')
    from jsonb_each(arrived)
   where known -> key is null
      or (value ->> 'recorded_at')::timestamptz >= (known -> key ->> 'recorded_at')::timestamptz
$function$;
grant execute on function private.merge_latest(known jsonb, arrived jsonb) to public;

CREATE OR REPLACE FUNCTION private.note_on_alerts(organization uuid, ids uuid[], said text)
 RETURNS integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with noted as (
    insert into public.alert_events (organization_id, alert_id, kind, user_id, note)
    select organization_id, id, 'note', (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid, said
      from public.alerts
     where organization_id = organization and id = any (ids)
       and organization_id in (select private.organizations_of('member'))
    returning organization_id
  ), told as (select pg_notify('stored', organization::text) from (select from noted limit 1) any_of_them)
  select (select count(*) from noted)::integer + 0 * (select count(*) from told)::integer
$function$;
grant execute on function private.note_on_alerts(organization uuid, ids uuid[], said text) to authenticated;

CREATE OR REPLACE FUNCTION private.organizations_of(least_role text)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with ranks (role, rank) as (values ('viewer', 1), ('member', 2), ('admin', 3), ('owner', 4)),
       claims as (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claim)
  select m.organization_id
    from public.organization_members m
    join ranks r on r.role = m.role
   where m.user_id = (select (claim ->> 'sub')::uuid from claims)
     and r.rank >= (select rank from ranks where role = least_role)
  union all
  select k.organization_id
    from public.organization_api_keys k
    join ranks r on r.role = k.role
   where k.id = (select (claim ->> 'api_key_id')::uuid from claims)
     and k.revoked_at is null
     and (k.expires_at is null or k.expires_at > now())
     and r.rank >= (select rank from ranks where role = least_role)
$function$;
grant execute on function private.organizations_of(least_role text) to authenticated;
grant execute on function private.organizations_of(least_role text) to service_role;

CREATE OR REPLACE FUNCTION private.profiles_of(organization uuid)
 RETURNS TABLE(user_id uuid, name text, email text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if not exists (select from private.organizations_of('viewer') as own where own = organization) then
    return;
  end if;
  return query
    select u.id, u.name, u.email
      from public.organization_members m
      join accounts."user" u on u.id = m.user_id
     where m.organization_id = organization;
  if has_table_privilege(to_regclass('auth.users'), 'select') then
    -- As text, since not every database has the table.
    return query execute $sql$
      select u.id, coalesce(u.raw_user_meta_data ->> 'full_name', u.raw_user_meta_data ->> 'name', ''), u.email::text
        from public.organization_members m
        join auth.users u on u.id = m.user_id
       where m.organization_id = $1 and not exists (select from accounts."user" a where a.id = u.id)
    $sql$ using organization;
  end if;
end
$function$;
grant execute on function private.profiles_of(organization uuid) to authenticated;

CREATE OR REPLACE FUNCTION private.read_turns(queue text, most integer, worker uuid, seconds integer, hosted boolean, in_hand uuid[], most_each integer, busy uuid[], busy_turns integer[])
 RETURNS TABLE(word bigint, device uuid, is_for_later boolean, is_for_hosted boolean, turn uuid, organization uuid, external_device_id text, integration uuid, mode text, enabled boolean, form jsonb, commands json, has_more boolean, held boolean)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
  -- As pgmq.read does, which is planned anew each time.
  with hosted_words as (
    update pgmq.q_commands_hosted q set vt = clock_timestamp() + make_interval(secs => seconds), read_ct = q.read_ct + 1
      from (select w.msg_id from pgmq.q_commands_hosted w where queue = 'commands_hosted' and w.vt <= clock_timestamp()
             order by w.msg_id limit most for update skip locked) due
     where q.msg_id = due.msg_id
    returning q.msg_id, q.message
  ), external_words as (
    update pgmq.q_commands_external q set vt = clock_timestamp() + make_interval(secs => seconds), read_ct = q.read_ct + 1
      from (select w.msg_id from pgmq.q_commands_external w where queue = 'commands_external' and w.vt <= clock_timestamp()
             order by w.msg_id limit most for update skip locked) due
     where q.msg_id = due.msg_id
    returning q.msg_id, q.message
  ), words as materialized (
    select msg_id, (message ->> 'device')::uuid as device
      from (select * from hosted_words union all select * from external_words) read
  ), judged as materialized (
    select w.msg_id, w.device, w.device = any (in_hand) as is_in_hand,
           d.id is not null and not w.device = any (in_hand) and coalesce(b.turns, 0) + row_number() over (
             partition by d.organization_id, w.device = any (in_hand) order by w.msg_id) > most_each as is_for_later,
           d.id is not null and not hosted and (i.id is null or i.mode = 'bridge') as is_for_hosted
      from words w
      left join public.devices d
        on d.id = w.device and d.id = any (array(select device from words)) and queue = 'commands_external'
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
      left join unnest(busy, busy_turns) as b (organization, turns) on b.organization = d.organization_id
  ), turns as materialized (
    select * from private.take_turns(
      array(select distinct j.device from judged j where not (j.is_in_hand or j.is_for_later or j.is_for_hosted)),
      worker, seconds, hosted)
  )
  select j.msg_id, j.device, j.is_for_later, j.is_for_hosted, t.* from judged j left join turns t on t.turn = j.device
$function$;

CREATE OR REPLACE FUNCTION private.record_alert()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  person uuid := (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
  said text := left(coalesce(current_setting('alerts.note', true), ''), 1000);
begin
  if tg_op = 'INSERT' then
    -- One that a host platform makes is none of ours.
    if not exists (select from changed where resolution is distinct from 'by_hand') then
      return null;
    end if;
    insert into public.alert_events (organization_id, alert_id, at, kind)
    select organization_id, id, opened_at, 'opened' from changed;
    insert into public.alert_events (organization_id, alert_id, at, kind)
    select organization_id, id, cleared_at, 'cleared' from changed where cleared_at is not null;
    perform pgmq.send_batch('alert_notifications', array_agg(told))
       from (select json_build_object('alert', id, 'event', 'opened')::jsonb as told from changed
             union all
             select json_build_object('alert', id, 'event', 'resolved')::jsonb from changed where state = 'resolved') all_told
     having count(*) > 0;
  else
    insert into public.alert_events (organization_id, alert_id, kind, user_id, note)
    select c.organization_id, c.id, what.kind, person, said
      from changed c join former f using (id)
     cross join lateral (
       select case
         when c.resolution = 'withdrawn' and f.resolution is distinct from 'withdrawn' then 'withdrawn'
         when f.cleared_at is null and c.cleared_at is not null then 'cleared'
         when f.cleared_at is not null and c.cleared_at is null then 'opened'
         when c.state <> f.state then case c.state when 'open' then 'opened' else c.state end
         when c.snoozed_until is distinct from f.snoozed_until then 'snoozed' end as kind) what
     where what.kind is not null;
    perform pgmq.send_batch('alert_notifications', array_agg(told))
       from (select json_build_object('alert', c.id, 'event', case when c.state = 'resolved' then 'resolved' else 'opened' end)::jsonb as told
               from changed c join former f using (id)
              where (c.state = 'resolved') <> (f.state = 'resolved')) all_told
     having count(*) > 0;
  end if;
  perform pg_notify('stored', organization_id::text) from (select distinct organization_id from changed) told;
  return null;
end
$function$;
grant execute on function private.record_alert() to public;

CREATE OR REPLACE FUNCTION private.refilled(tokens double precision, rate double precision, used double precision, since timestamp with time zone)
 RETURNS double precision
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  select least(coalesce(tokens, 60 * rate)
      + rate * greatest(0, extract(epoch from clock_timestamp() - since)::float8), 60 * rate) - used
$function$;

CREATE OR REPLACE FUNCTION private.refuse_more()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  there integer;
begin
  -- Two at once would each not see what the other adds.
  perform from public.organizations where id = new.organization_id for no key update;
  execute format('select count(*) from %s where organization_id = $1 and id <> $2 and (%s)', tg_relid::regclass, tg_argv[1])
    into there using new.organization_id, new.id;
  if there >= tg_argv[0]::integer then
    raise exception 'there are % % already: delete some', tg_argv[0], tg_argv[2] using errcode = 'NN002';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION private.retry_delivery()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if old.state = 'dead' then
    new.state := 'pending';
    new.attempts := 0;
    new.next_try_at := now();
  end if;
  new.retried_at := now();
  return new;
end
$function$;
grant execute on function private.retry_delivery() to public;

CREATE OR REPLACE FUNCTION private.role_in(organization uuid)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case
    when organization in (select private.organizations_of('owner')) then 'owner'
    when organization in (select private.organizations_of('admin')) then 'admin'
    when organization in (select private.organizations_of('member')) then 'member'
    when organization in (select private.organizations_of('viewer')) then 'viewer'
  end
$function$;
grant execute on function private.role_in(organization uuid) to authenticated;
grant execute on function private.role_in(organization uuid) to service_role;

CREATE OR REPLACE FUNCTION private.same_organization()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_table_name = 'mqtt_credentials' then
    if new.device_id is not null and not exists (
      select 1 from public.devices where id = new.device_id and organization_id = new.organization_id
        and new.topic_prefix = 'org_' || new.organization_id || '/devices/' || external_device_id || '/#') then
      raise exception 'the device is not of this organization' using errcode = '23503';
    end if;
    if new.device_id is null and new.topic_prefix <> 'org_' || new.organization_id || '/devices/#' then
      raise exception 'the topic prefix does not fit' using errcode = '23514';
    end if;
  elsif new.integration_id is not null and not exists (
    select 1 from public.device_integrations where id = new.integration_id and organization_id = new.organization_id) then
    raise exception 'the integration is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$function$;
grant execute on function private.same_organization() to public;

CREATE OR REPLACE FUNCTION private.secrets_of_broker()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new.configuration #>> '{broker,url}' is distinct from old.configuration #>> '{broker,url}'
     and new.sealed_secrets is not distinct from old.sealed_secrets then
    new.sealed_secrets := null;
  end if;
  return new;
end
$function$;
grant execute on function private.secrets_of_broker() to public;

CREATE OR REPLACE FUNCTION private.severity_rank(severity text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$ select array_position(array['info', 'warning', 'critical'], severity) $function$;

CREATE OR REPLACE FUNCTION private.spell_integration_type()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  new.integration_type := private.integration_type(new.integration_type);
  return new;
end
$function$;
grant execute on function private.spell_integration_type() to public;

CREATE OR REPLACE FUNCTION private.take_turns(devices uuid[], worker uuid, seconds double precision, hosted boolean)
 RETURNS TABLE(turn uuid, organization uuid, external_device_id text, integration uuid, mode text, enabled boolean, form jsonb, commands json, has_more boolean, held boolean)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
 SET enable_seqscan TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
  with mine as (
    insert into private.leases as l (name, holder, expires_at)
    select 'commands/' || d.id, worker, now() + make_interval(secs => seconds)
      from public.devices d
      left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
     where d.id = any (devices) and (hosted or i.id is not null and i.mode is distinct from 'bridge')
     order by d.id
    on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at,
      fencing = l.fencing + (l.holder <> excluded.holder)::int
      where l.holder = excluded.holder or l.expires_at < now()
    returning substr(l.name, length('commands/') + 1)::uuid as device
  ), next as materialized (
    select mine.device, due.id, due.place, due.has_more
      from mine cross join lateral (
        select id, row_number() over by_age as place, count(*) over () > 10 as has_more,
               bool_and(coalesce(next_attempt_at, '-infinity') <= now()) over by_age as is_due
          from (select c.id, c.next_attempt_at, c.sequence from public.device_commands c
                 where c.device_id = mine.device and c.state = 'queued' and c.expires_at > now()
                 order by c.sequence limit 11) waiting
        window by_age as (order by sequence)) due
     where due.is_due and due.place <= 10
  ), free as materialized (
    -- Whoever holds a row, as a transaction in which it is superseded, holds up that device and nobody else. Sent by
    -- somebody else while this waited for the turn, it is not queued any more. With coalesce, so that rows are found by
    -- their ids, and not by going through all that is queued.
    select c.id from public.device_commands c
     where c.id = any (array(select id from next)) and coalesce(c.state, '') = 'queued'
       for no key update skip locked
  ), ready as (
    -- None before those ahead of it.
    select next.*, bool_and(free.id is not null) over (partition by next.device order by next.place) as is_ready
      from next left join free using (id)
  ), taken as (
    update public.device_commands c set sending_until = now() + make_interval(secs => seconds)
      from ready where c.id = ready.id and ready.is_ready and c.id = any (array(select id from free))
    returning c.device_id, ready.place, json_build_object('id', c.id, 'name', c.name, 'params', c.params,
      'attempts', c.attempts,
      'expiresAt', to_char(c.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) as command
  )
  select d.id, d.organization_id, d.external_device_id, i.id, coalesce(i.mode, 'subscribe'), i.enabled,
         i.configuration -> 'commands',
         (select coalesce(json_agg(t.command order by t.place), '[]') from taken t where t.device_id = d.id),
         exists (select from next n where n.device = d.id and n.has_more),
         exists (select from ready r where r.device = d.id and r.place = 1 and not r.is_ready)
    from mine
    join public.devices d on d.id = mine.device and d.id = any (devices)
    left join public.device_integrations i on i.id = d.integration_id and i.integration_type = 'mqtt_external'
  union all
  -- Of a device that has been deleted only the word is left.
  select device, null, null, null, null, null, null, '[]', false, false
    from unnest(devices) as device
   where device <> all (array(select d.id from public.devices d where d.id = any (devices)))
$function$;

CREATE OR REPLACE FUNCTION private.type_of_organization()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if new.device_type_id is not null and not exists (
    select from public.device_types where id = new.device_type_id and organization_id = new.organization_id) then
    raise exception 'the device type is not of this organization' using errcode = '23503';
  end if;
  return new;
end
$function$;
grant execute on function private.type_of_organization() to public;

CREATE OR REPLACE FUNCTION private.unrolled_hours_of(organization uuid, device uuid)
 RETURNS timestamp with time zone[]
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  most constant integer := 20000;
  seen xid8 := (select position from private.rollup_positions where organization_id = organization);
  unseen integer;
  hours timestamptz[];
begin
  if not exists (select from private.organizations_of('viewer') as mine where mine = organization) then
    return null;
  end if;
  with recent as materialized (
    select h.device_id, h.recorded_at from public.device_telemetry_history h
     where h.organization_id = organization and h.transaction_id >= coalesce(seen, '0')
       and h.transaction_id < pg_snapshot_xmax(pg_current_snapshot())
     order by h.transaction_id limit most + 1
  )
  select (select count(*) from recent),
    array(select date_bin('1 hour', r.recorded_at, 'epoch') from recent r where r.device_id = device
          union select u.hour from private.unrolled_hours u where u.device_id = device)
    into unseen, hours;
  return case when unseen <= most then hours end;
end
$function$;
grant execute on function private.unrolled_hours_of(organization uuid, device uuid) to authenticated;
grant execute on function private.unrolled_hours_of(organization uuid, device uuid) to service_role;

CREATE OR REPLACE FUNCTION private.use_of(organization uuid)
 RETURNS TABLE(plan text, limits jsonb, connections bigint, subscriptions bigint, messages_per_second double precision, bytes_per_second double precision, stored_rows bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce((select l.plan from public.organization_limits l where l.organization_id = organization), 'default'),
         private.limits_of(organization), coalesce(sum(u.connections), 0), coalesce(sum(u.subscriptions), 0),
         coalesce(sum(u.messages_per_second), 0), coalesce(sum(u.bytes_per_second), 0),
         coalesce((select s.rows from private.stored_rows s where s.organization_id = organization), 0)
    from (select organization as id where organization in (select private.organizations_of('viewer'))) asked
    left join (private.process_use u
      join private.use_processes p on p.id = u.process_id and p.beat_at > clock_timestamp() - interval '5 seconds')
      on u.organization_id = asked.id
   group by asked.id
$function$;
grant execute on function private.use_of(organization uuid) to authenticated;
grant execute on function private.use_of(organization uuid) to service_role;

CREATE OR REPLACE FUNCTION public.cancel_command(command uuid)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  found_state text;
  organization uuid;
begin
  update public.device_commands c set state = 'cancelled', reason = 'cancelled'
   where c.id = command and c.state = 'queued' and coalesce(c.sending_until, '-infinity') < now()
     and c.organization_id in (select private.organizations_of('member'))
  returning c.state, c.organization_id into found_state, organization;
  if found_state is not null then
    perform pg_notify('stored', organization::text);
    return found_state;
  end if;
  select c.state into found_state from public.device_commands c
   where c.id = command and c.organization_id in (select private.organizations_of('member'));
  return found_state;
end
$function$;
grant execute on function public.cancel_command(command uuid) to authenticated;
grant execute on function public.cancel_command(command uuid) to service_role;

CREATE OR REPLACE FUNCTION public.create_organization(name text)
 RETURNS uuid
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  caller uuid := (claims ->> 'sub')::uuid;
begin
  if caller is null then
    raise exception 'only a signed-in user creates organizations' using errcode = '42501';
  end if;
  return private.found_organization(create_organization.name, caller);
end
$function$;
grant execute on function public.create_organization(name text) to authenticated;
grant execute on function public.create_organization(name text) to service_role;
