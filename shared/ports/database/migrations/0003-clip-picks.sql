-- ranges of a show that were picked for a clip, once each whichever rules picked them; they never overlap
CREATE TABLE clip_picks (
  stream_id varchar(40) NOT NULL,
  start_ms bigint NOT NULL,
  end_ms bigint NOT NULL,
  -- the peak
  at_ms bigint NOT NULL,
  dedupe_key varchar(64) NOT NULL,
  rules_version bigint NOT NULL,
  -- its clip was made, or cannot be
  settled boolean NOT NULL,
  PRIMARY KEY (stream_id, start_ms)
) INTERLEAVE IN PARENT streams ON DELETE CASCADE;

CREATE INDEX clips_review_by_creator ON clips (creator_id, review_since) WHERE review_since IS NOT NULL;
