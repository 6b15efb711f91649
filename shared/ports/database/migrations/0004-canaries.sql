-- one synthetic show
CREATE TABLE canary_runs (
  run_id varchar(40) NOT NULL,
  -- where it was published and watched from, e.g. a region
  route varchar(64) NOT NULL,
  plane varchar(16) NOT NULL,
  channel_id varchar(40) NOT NULL,
  -- running, held, breached or failed
  state varchar(16) NOT NULL,
  failure varchar(500),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  hops jsonb,
  PRIMARY KEY (run_id)
) TTL INTERVAL '90 days' ON started_at;

CREATE INDEX canary_runs_by_start ON canary_runs (started_at, run_id);
CREATE INDEX canary_runs_by_channel ON canary_runs (channel_id, started_at);

-- what the system itself was seen to do with it
CREATE TABLE canary_marks (
  run_id varchar(40) NOT NULL,
  mark varchar(16) NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, mark)
) INTERLEAVE IN PARENT canary_runs ON DELETE CASCADE;
