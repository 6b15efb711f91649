-- Spanner PostgreSQL dialect, the one source for every engine; translate-ddl.ts turns it into plain PostgreSQL.
CREATE TABLE creators (
  creator_id varchar(40) NOT NULL,
  handle varchar(64) NOT NULL,
  display_name varchar(200) NOT NULL,
  status varchar(16) NOT NULL DEFAULT 'active',
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (creator_id)
);
CREATE UNIQUE INDEX creators_by_handle ON creators (handle);

CREATE TABLE channels (
  creator_id varchar(40) NOT NULL,
  channel_id varchar(40) NOT NULL,
  title varchar(300) NOT NULL,
  latency_mode varchar(16) NOT NULL DEFAULT 'low',
  reconnect_window_s bigint NOT NULL DEFAULT 60,
  record boolean NOT NULL DEFAULT true,
  provider varchar(16) NOT NULL,
  provider_ref varchar(256),
  playback_id varchar(40),
  ingest jsonb,
  state varchar(16) NOT NULL DEFAULT 'idle',
  dvr_window_s bigint NOT NULL DEFAULT 3600,
  renditions_max bigint NOT NULL DEFAULT 3,
  chat_settings jsonb,
  unsettled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  version bigint NOT NULL DEFAULT 1,
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (creator_id, channel_id)
) INTERLEAVE IN PARENT creators ON DELETE CASCADE;
CREATE UNIQUE INDEX channels_by_id ON channels (channel_id);
CREATE UNIQUE INDEX channels_by_provider_ref ON channels (provider_ref) WHERE provider_ref IS NOT NULL;
-- rows whose newest settings the media plane has not confirmed
CREATE INDEX channels_unsettled ON channels (unsettled_at) WHERE unsettled_at IS NOT NULL;

CREATE TABLE stream_keys (
  creator_id varchar(40) NOT NULL,
  channel_id varchar(40) NOT NULL,
  key_id varchar(40) NOT NULL,
  secret_hash bytea NOT NULL,
  label varchar(100),
  state varchar(16) NOT NULL,
  provider_key_ref varchar(256) NOT NULL,
  expires_at timestamptz,
  unsettled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  purge_at timestamptz,
  PRIMARY KEY (creator_id, channel_id, key_id)
) INTERLEAVE IN PARENT channels ON DELETE CASCADE TTL INTERVAL '0 days' ON purge_at;
CREATE UNIQUE INDEX stream_keys_by_hash ON stream_keys (secret_hash);
-- ended keys whose end the media plane has not confirmed
CREATE INDEX stream_keys_unsettled ON stream_keys (unsettled_at) WHERE unsettled_at IS NOT NULL;

CREATE TABLE streams (
  stream_id varchar(40) NOT NULL,
  creator_id varchar(40) NOT NULL,
  channel_id varchar(40) NOT NULL,
  program_id varchar(40),
  title varchar(300) NOT NULL,
  state varchar(16) NOT NULL,
  reason varchar(64),
  epoch bigint NOT NULL DEFAULT 0,
  provider_stream_id varchar(128),
  live_channel_id varchar(40),
  live_shard bigint,
  started_at timestamptz,
  ended_at timestamptz,
  reconnect_until timestamptz,
  health jsonb,
  recording jsonb,
  archive jsonb,
  asset_id varchar(40),
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (stream_id)
);
CREATE INDEX streams_by_creator ON streams (creator_id, started_at DESC);
CREATE INDEX streams_by_channel ON streams (channel_id, created_at DESC);
CREATE UNIQUE INDEX streams_by_provider_stream ON streams (provider_stream_id) WHERE provider_stream_id IS NOT NULL;
-- at most one live stream a channel
CREATE UNIQUE INDEX streams_one_live ON streams (live_channel_id) WHERE live_channel_id IS NOT NULL;
CREATE INDEX streams_live ON streams (live_shard, started_at DESC) WHERE live_shard IS NOT NULL;

CREATE TABLE ingest_sessions (
  stream_id varchar(40) NOT NULL,
  epoch bigint NOT NULL,
  protocol varchar(16) NOT NULL,
  connected_at timestamptz NOT NULL,
  disconnected_at timestamptz,
  reason varchar(64),
  media jsonb,
  PRIMARY KEY (stream_id, epoch)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE;

CREATE TABLE segments (
  stream_id varchar(40) NOT NULL,
  seq bigint NOT NULL,
  epoch bigint NOT NULL,
  pdt timestamptz NOT NULL,
  duration_ms bigint NOT NULL,
  discontinuity boolean NOT NULL DEFAULT false,
  renditions jsonb NOT NULL,
  expires_at timestamptz,
  PRIMARY KEY (stream_id, seq)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE TTL INTERVAL '0 days' ON expires_at;
CREATE INDEX segments_by_pdt ON segments (stream_id, pdt);

CREATE TABLE markers (
  stream_id varchar(40) NOT NULL,
  at_ms bigint NOT NULL,
  marker_id varchar(40) NOT NULL,
  kind varchar(32) NOT NULL,
  score double precision,
  payload jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stream_id, at_ms, marker_id)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE;

CREATE TABLE playback_ids (
  playback_id varchar(40) NOT NULL,
  target_kind varchar(8) NOT NULL,
  target_id varchar(40) NOT NULL,
  policy varchar(16) NOT NULL,
  restrictions jsonb,
  PRIMARY KEY (playback_id)
);
CREATE INDEX playback_ids_by_target ON playback_ids (target_id);

CREATE TABLE jobs (
  job_id varchar(64) NOT NULL,
  kind varchar(32) NOT NULL,
  subject_id varchar(40) NOT NULL,
  state varchar(16) NOT NULL,
  attempt bigint NOT NULL DEFAULT 0,
  input jsonb NOT NULL,
  lease_owner varchar(100),
  lease_token bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  checkpoint jsonb,
  result jsonb,
  last_error jsonb,
  traceparent varchar(64),
  ready_shard bigint,
  ready_at timestamptz,
  purge_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (job_id)
) TTL INTERVAL '0 days' ON purge_at;
CREATE INDEX jobs_ready ON jobs (ready_shard, ready_at) WHERE ready_shard IS NOT NULL AND ready_at IS NOT NULL;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX jobs_by_subject ON jobs (subject_id, kind);

CREATE TABLE domain_events (
  source varchar(32) NOT NULL,
  subject_id varchar(40) NOT NULL,
  seq bigint NOT NULL,
  event_id varchar(40) NOT NULL,
  type varchar(64) NOT NULL,
  occurred_at timestamptz NOT NULL,
  committed_at spanner.commit_timestamp NOT NULL,
  trace_id varchar(64),
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subject_id, source, seq)
) TTL INTERVAL '7 days' ON created_at;

CREATE TABLE event_sequences (
  subject_id varchar(40) NOT NULL,
  source varchar(32) NOT NULL,
  last_seq bigint NOT NULL,
  PRIMARY KEY (subject_id, source)
);

CREATE TABLE feed_checkpoints (
  reader varchar(64) NOT NULL,
  partition_token varchar(1024) NOT NULL,
  watermark timestamptz NOT NULL,
  state varchar(16) NOT NULL,
  parents varchar[],
  PRIMARY KEY (reader, partition_token)
);

CREATE TABLE inbox (
  event_key varchar(128) NOT NULL,
  consumer varchar(40) NOT NULL,
  handled_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (event_key, consumer)
) TTL INTERVAL '14 days' ON handled_at;

CREATE TABLE idempotency_keys (
  key_hash varchar(64) NOT NULL,
  request_hash varchar(64) NOT NULL,
  status bigint,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (key_hash)
) TTL INTERVAL '1 days' ON created_at;

CREATE CHANGE STREAM events_out FOR domain_events WITH (retention_period='7d', value_capture_type='NEW_ROW');
CREATE CHANGE STREAM catalog_out FOR creators, channels, streams WITH (retention_period='3d', value_capture_type='NEW_ROW');
