import { plainSql, type TableEngine } from '#shared/ports/database/table-engine.ts'

/** Notes which rows are written, and for whom. */
export type RowsWritten = {
  /** Everything written from now on is for that one. */
  by(who: string): Promise<void>
  /** Rows that more than one was written for, as `table key: who, who`. */
  shared(): Promise<string[]>
  /** Tables that were written to at all. */
  tables(): Promise<string[]>
}

const PRIMARY_KEYS = `
  SELECT c.relname AS name, string_agg(quote_literal(a.attname), ',') AS columns
  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
  WHERE i.indisprimary AND n.nspname = 'public' GROUP BY c.relname`
const INSTALL = `
  CREATE TABLE IF NOT EXISTS rows_written (who text, name text, key text);
  CREATE OR REPLACE FUNCTION note_row() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE written jsonb := to_jsonb(COALESCE(NEW, OLD));
  BEGIN
    INSERT INTO rows_written
      SELECT current_setting('test.who', true), TG_TABLE_NAME, string_agg(written ->> part, '/') FROM unnest(TG_ARGV) part;
    RETURN NULL;
  END $$`

/** Puts a trigger on every table with a primary key. One connection, one caller at a time. */
export async function rowsWritten(engine: TableEngine): Promise<RowsWritten> {
  const run = async <Row>(sql: string, parameters: string[] = []): Promise<Row[]> =>
    (await engine.execute(plainSql<Row>('test.rows-written', sql, parameters))).rows
  for (const statement of INSTALL.split(/;\s*(?=CREATE OR)/u)) await run(statement)
  for (const { name, columns } of await run<{ name: string; columns: string }>(PRIMARY_KEYS)) {
    await run(
      `CREATE OR REPLACE TRIGGER zz_note_row AFTER INSERT OR UPDATE OR DELETE ON ${name}
       FOR EACH ROW EXECUTE FUNCTION note_row(${columns})`,
    )
  }
  return {
    async by(who) {
      await run("SELECT set_config('test.who', $1, false)", [who])
    },
    async shared() {
      const rows = await run<{ name: string; key: string; whos: string }>(
        `SELECT name, key, string_agg(DISTINCT who, ', ' ORDER BY who) AS whos FROM rows_written
         WHERE who <> '' GROUP BY name, key HAVING count(DISTINCT who) > 1 ORDER BY 1, 2`,
      )
      return rows.map(({ name, key, whos }) => `${name} ${key}: ${whos}`)
    },
    async tables() {
      const rows = await run<{ name: string }>('SELECT DISTINCT name FROM rows_written ORDER BY 1')
      return rows.map(({ name }) => name)
    },
  }
}
