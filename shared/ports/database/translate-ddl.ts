/** Rows of `table` are removed once `column` is `days` in the past; a null never expires. */
export type TtlRule = { table: string; column: string; days: number }

/** Tables whose committed rows one change stream carries, and for how many days it keeps them. */
export type ChangeStream = { name: string; tables: readonly string[]; retentionDays: number }

/** What one migration in the Spanner dialect is on plain PostgreSQL. */
export type TranslatedDdl = {
  /** To be run in order, after `POSTGRES_PRELUDE`. */
  statements: readonly string[]
  ttl: readonly TtlRule[]
  streams: readonly ChangeStream[]
}

/** Runs once before any translated statement: Spanner's own names, and where the triggers record changes. */
export const POSTGRES_PRELUDE: readonly string[] = [
  `CREATE SCHEMA spanner`,
  // clock_timestamp: later than every commit this row's transaction could have waited for, unlike now().
  `CREATE DOMAIN spanner.commit_timestamp AS timestamptz DEFAULT clock_timestamp()`,
  `CREATE FUNCTION spanner.pending_commit_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
   AS 'SELECT clock_timestamp()'`,
  `CREATE FUNCTION spanner.generate_uuid() RETURNS text LANGUAGE sql VOLATILE AS 'SELECT gen_random_uuid()::text'`,
  `CREATE TABLE changes (
     xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
     change_id bigint GENERATED ALWAYS AS IDENTITY,
     stream text NOT NULL,
     table_name text NOT NULL,
     kind text NOT NULL,
     row_image jsonb NOT NULL,
     committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (stream, xid, change_id)
   )`,
  `CREATE TABLE change_streams (
     name text NOT NULL,
     retention_days bigint NOT NULL,
     tables text[] NOT NULL,
     PRIMARY KEY (name)
   )`,
  `CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO changes (stream, table_name, kind, row_image) VALUES (
       TG_ARGV[0], TG_TABLE_NAME, lower(TG_OP), CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END
     );
     PERFORM pg_notify('changes', TG_ARGV[0]);
     RETURN NULL;
   END $$`,
]

const CREATE_TABLE = /^CREATE TABLE (?<table>\w+) \((?<body>[\s\S]*)\)(?<options>[^()]*)$/
const INTERLEAVE = /INTERLEAVE IN PARENT (?<parent>\w+)(?<cascade> ON DELETE CASCADE)?/
const TTL = /TTL INTERVAL '(?<days>\d+) days?' ON (?<column>\w+)/
const CHANGE_STREAM = /^CREATE CHANGE STREAM (?<name>\w+) FOR (?<tables>[\w, ]+?)(?: WITH \((?<options>[\s\S]*)\))?$/
const RETENTION = /retention_period\s*=\s*'(?<days>\d+)d'/
const COMMIT_TIMESTAMP = /(?<column>\w+) spanner\.commit_timestamp/g
const PRIMARY_KEY = /PRIMARY KEY \((?<columns>[^)]*)\)/
/** What Spanner keeps of a change stream that names no period. */
const RETENTION_DAYS_DEFAULT = 1

/**
 * Translates statements of the Spanner PostgreSQL dialect into plain PostgreSQL.
 *
 * INTERLEAVE becomes a foreign key on the parent's primary key, TTL becomes a rule for the sweeper, a commit timestamp is
 * set by a trigger on insert and update, and a change stream becomes triggers that fill `changes`. `primaryKeys` knows
 * the tables of earlier migrations and learns the new ones. Throws on a clause it does not know.
 */
export function translateDdl(statements: readonly string[], primaryKeys: Map<string, string>): TranslatedDdl {
  const out: string[] = []
  const ttl: TtlRule[] = []
  const streams: ChangeStream[] = []
  for (const statement of statements) {
    const stream = CHANGE_STREAM.exec(statement)?.groups
    const table = CREATE_TABLE.exec(statement)?.groups
    if (stream) {
      const translated = changeStream(stream)
      streams.push(translated)
      out.push(...changeTriggers(translated))
    } else if (table) {
      const translated = createTable(table, primaryKeys)
      out.push(...translated.statements)
      ttl.push(...translated.ttl)
    } else {
      out.push(statement)
    }
  }
  return { statements: out, ttl, streams }
}

type Groups = Record<string, string | undefined>

function createTable(groups: Groups, primaryKeys: Map<string, string>): { statements: string[]; ttl: TtlRule[] } {
  const { table = '', body = '' } = groups
  let options = groups['options'] ?? ''
  const key = PRIMARY_KEY.exec(body)?.groups?.['columns']
  if (key === undefined) throw new Error(`Table ${table} names no primary key.`)
  primaryKeys.set(table, key)

  const members = [body.trim()]
  const interleave = INTERLEAVE.exec(options)
  if (interleave?.groups) {
    const { parent = '', cascade = '' } = interleave.groups
    const parentKey = primaryKeys.get(parent)
    if (parentKey === undefined)
      throw new Error(`Table ${table} is interleaved in ${parent}, which does not exist yet.`)
    members.push(`FOREIGN KEY (${parentKey}) REFERENCES ${parent} (${parentKey})${cascade}`)
    options = options.replace(interleave[0], '')
  }

  const ttl: TtlRule[] = []
  const expiry = TTL.exec(options)
  if (expiry?.groups) {
    ttl.push({ table, column: expiry.groups['column'] ?? '', days: Number(expiry.groups['days']) })
    options = options.replace(expiry[0], '')
  }
  if (options.trim() !== '')
    throw new Error(`Table ${table} has a clause PostgreSQL has no word for: ${options.trim()}`)

  const stamped = [...body.matchAll(COMMIT_TIMESTAMP)].map(match => match.groups?.['column'] ?? '')
  return {
    statements: [
      `CREATE TABLE ${table} (\n  ${members.join(',\n  ')}\n)`,
      ...stamped.flatMap(column => stampTrigger(table, column)),
      ...ttl.map(rule => `CREATE INDEX ${table}_ttl ON ${table} (${rule.column}) WHERE ${rule.column} IS NOT NULL`),
    ],
    ttl,
  }
}

function stampTrigger(table: string, column: string): string[] {
  return [
    `CREATE OR REPLACE FUNCTION spanner.stamp_${column}() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN NEW.${column} := clock_timestamp(); RETURN NEW; END $$`,
    `CREATE TRIGGER ${table}_stamp_${column} BEFORE INSERT OR UPDATE ON ${table}
     FOR EACH ROW EXECUTE FUNCTION spanner.stamp_${column}()`,
  ]
}

function changeStream(groups: Groups): ChangeStream {
  const { name = '', tables = '', options = '' } = groups
  const days = RETENTION.exec(options)?.groups?.['days']
  return {
    name,
    tables: tables.split(',').map(table => table.trim()),
    retentionDays: days === undefined ? RETENTION_DAYS_DEFAULT : Number(days),
  }
}

function changeTriggers({ name, tables, retentionDays }: ChangeStream): string[] {
  return [
    `INSERT INTO change_streams (name, retention_days, tables)
     VALUES ('${name}', ${retentionDays}, ARRAY[${tables.map(table => `'${table}'`).join(', ')}])`,
    ...tables.map(
      table => `CREATE TRIGGER ${table}_${name} AFTER INSERT OR UPDATE OR DELETE ON ${table}
     FOR EACH ROW EXECUTE FUNCTION record_change('${name}')`,
    ),
  ]
}
