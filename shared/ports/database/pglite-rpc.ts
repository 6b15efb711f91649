import type { Migrations } from './load-migrations.ts'
import type { Parameter } from './named-query.ts'
import type { EngineFailure } from './sql-state.ts'

/** What the worker thread is started with. */
export type PgliteWorkerData = {
  /** The engine's own directory; made from the template when absent. */
  data: string
  /** Where template directories are cached by the hash of the schema. */
  templates: string
  migrations: Migrations
}

export type PgliteRequest =
  /** `begin` opens a transaction first; without an open one the statement is its own. */
  | { id: number; op: 'run'; sql: string; parameters: readonly Parameter[]; begin: boolean }
  | { id: number; op: 'commit' | 'rollback' | 'maintain' | 'close' }
  | { id: number; op: 'listen'; channel: string }

export type PgliteReply =
  | { kind: 'ready' }
  | { kind: 'rows'; id: number; rows: unknown[]; changed: number }
  | { kind: 'failure'; id: number; failure: EngineFailure }
  | { kind: 'notification'; channel: string; payload: string }
