ALTER TABLE jobs ADD COLUMN owner_id varchar(40);
CREATE INDEX jobs_by_owner ON jobs (owner_id, created_at DESC) WHERE owner_id IS NOT NULL;

CREATE TABLE cues (
  stream_id varchar(40) NOT NULL,
  at_ms bigint NOT NULL,
  cue_id varchar(40) NOT NULL,
  payload jsonb NOT NULL,
  PRIMARY KEY (stream_id, at_ms, cue_id)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE;

CREATE TABLE clips (
  clip_id varchar(40) NOT NULL,
  creator_id varchar(40) NOT NULL,
  stream_id varchar(40) NOT NULL,
  playback_id varchar(40) NOT NULL,
  origin varchar(16) NOT NULL,
  requested_by varchar(40),
  dedupe_key varchar(64),
  title varchar(300) NOT NULL,
  tags varchar[] NOT NULL,
  start_ms bigint NOT NULL,
  end_ms bigint NOT NULL,
  crop jsonb,
  presets varchar[] NOT NULL,
  marquee boolean NOT NULL DEFAULT false,
  publish_when_ready boolean NOT NULL DEFAULT true,
  -- not public before a person approved it
  needs_review boolean NOT NULL DEFAULT false,
  state varchar(16) NOT NULL,
  reason varchar(64),
  -- facts of the cut: size, rate, length, what was missing
  source jsonb,
  -- cues and markers inside the range, by their place in the clip
  moments jsonb,
  -- the folder v<n> that the entry points lead to: a thousand per cut, plus the token of the lease that rendered it
  media_version bigint NOT NULL DEFAULT 0,
  render_job varchar(64),
  score double precision,
  reasons jsonb,
  shard bigint NOT NULL,
  review_since timestamptz,
  -- set until the clip plays: its process may have died
  uncut_since timestamptz,
  published_at timestamptz,
  feed_rank bigint,
  purge_at timestamptz,
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (clip_id)
) TTL INTERVAL '0 days' ON purge_at;
-- automatic picks only: hash(stream, range, version of the rules); two people's clips of one range never collide
CREATE UNIQUE INDEX clips_dedupe ON clips (dedupe_key) WHERE dedupe_key IS NOT NULL;
CREATE UNIQUE INDEX clips_by_playback ON clips (playback_id);
CREATE INDEX clips_by_creator ON clips (creator_id, created_at DESC);
CREATE INDEX clips_by_requester ON clips (requested_by, created_at DESC) WHERE requested_by IS NOT NULL;
CREATE INDEX clips_by_stream ON clips (stream_id, created_at DESC);
CREATE INDEX clips_feed ON clips (shard, feed_rank DESC) WHERE feed_rank IS NOT NULL;
CREATE INDEX clips_uncut ON clips (uncut_since) WHERE uncut_since IS NOT NULL;
CREATE INDEX clips_review ON clips (shard, review_since) WHERE review_since IS NOT NULL;

CREATE TABLE clip_renditions (
  clip_id varchar(40) NOT NULL,
  rendition varchar(32) NOT NULL,
  uri varchar(1024) NOT NULL,
  content_type varchar(64) NOT NULL,
  bytes bigint NOT NULL,
  sha256 varchar(64) NOT NULL,
  width bigint,
  height bigint,
  duration_ms double precision,
  frames bigint,
  PRIMARY KEY (clip_id, rendition)
) INTERLEAVE IN PARENT clips ON DELETE CASCADE;

CREATE TABLE clip_reviews (
  clip_id varchar(40) NOT NULL,
  review_id varchar(40) NOT NULL,
  reviewer varchar(40) NOT NULL,
  verdict varchar(16) NOT NULL,
  reason varchar(500),
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (clip_id, review_id)
) INTERLEAVE IN PARENT clips ON DELETE CASCADE;

CREATE TABLE clip_rules (
  creator_id varchar(40) NOT NULL,
  rules jsonb NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  updated_at spanner.commit_timestamp,
  PRIMARY KEY (creator_id)
);

-- what was measured of a show, one row per stretch of recording
CREATE TABLE stream_signals (
  stream_id varchar(40) NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  from_ms bigint NOT NULL,
  to_ms bigint NOT NULL,
  signals jsonb NOT NULL,
  strip jsonb,
  PRIMARY KEY (stream_id, from_seq)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE;

CREATE TABLE search_terms (
  term varchar(64) NOT NULL,
  shard bigint NOT NULL,
  clip_id varchar(40) NOT NULL,
  -- what the match is worth above the clip's place in the feed, as one number: matches come in order
  rank bigint NOT NULL,
  PRIMARY KEY (term, shard, clip_id)
);
CREATE INDEX search_terms_ranked ON search_terms (term, shard, rank DESC);
CREATE INDEX search_terms_by_clip ON search_terms (clip_id);

CREATE TABLE shares (
  share_id varchar(40) NOT NULL,
  target_kind varchar(8) NOT NULL,
  target_id varchar(40) NOT NULL,
  at_ms bigint,
  shared_by varchar(40),
  visits bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (share_id)
);
CREATE INDEX shares_by_target ON shares (target_id, created_at DESC);

-- how often something was shared, over a few rows so that what everybody shares is not one hot row
CREATE TABLE share_counts (
  target_id varchar(40) NOT NULL,
  shard bigint NOT NULL,
  shares bigint NOT NULL,
  PRIMARY KEY (target_id, shard)
);

CREATE CHANGE STREAM clips_out FOR clips WITH (retention_period='3d', value_capture_type='NEW_ROW');
