-- Plain PostgreSQL, for the adapters that are built on tables; the clouds have services in their place.

-- Where a reader of the trigger-filled feed stands: every transaction up to this id is handled.
ALTER TABLE feed_checkpoints ADD COLUMN position bigint NOT NULL DEFAULT 0;

-- One row a subscription and message; deleted when acknowledged, kept as a dead letter when its attempts are used up.
CREATE TABLE bus_deliveries (
  subscription text NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  message_id text NOT NULL,
  ordering_key text NOT NULL,
  attributes jsonb NOT NULL,
  data text NOT NULL,
  published_at timestamptz NOT NULL,
  attempts bigint NOT NULL DEFAULT 0,
  not_before timestamptz,
  last_error text,
  died_at timestamptz,
  PRIMARY KEY (subscription, seq)
);
CREATE INDEX bus_deliveries_dead ON bus_deliveries (subscription, died_at, seq) WHERE died_at IS NOT NULL;

-- One row a task name; kept for an hour after its end so that a used name is noticed.
CREATE TABLE queue_tasks (
  queue text NOT NULL,
  name text NOT NULL,
  job_id text NOT NULL,
  traceparent text,
  due_at timestamptz,
  attempts bigint NOT NULL DEFAULT 0,
  last_error text,
  ended_at timestamptz,
  PRIMARY KEY (queue, name)
);
CREATE INDEX queue_tasks_due ON queue_tasks (queue, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX queue_tasks_ended ON queue_tasks (ended_at) WHERE ended_at IS NOT NULL;
