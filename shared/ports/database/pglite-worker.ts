import {
  closeSync,
  constants,
  cpSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { privateName } from '#shared/service/held-name.ts'
import type { PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-rpc.ts'
import { ROW_VALUES } from './row-values.ts'
import { runMigrations } from './run-migrations.ts'
import type { EngineFailure } from './sql-state.ts'

/** The thread that holds the engine: one request after the other, in the order they arrive. */
async function main(port: MessagePort, settings: PgliteWorkerData): Promise<void> {
  const engine = await openEngine(settings)
  engine.onNotification((channel, payload) => post(port, { kind: 'notification', channel, payload }))
  let turn: Promise<void> = Promise.resolve()
  port.on('message', (request: PgliteRequest) => {
    turn = turn.then(() => answer(port, engine, request))
  })
  post(port, { kind: 'ready' })
}

async function answer(port: MessagePort, engine: PGlite, request: PgliteRequest): Promise<void> {
  try {
    const { rows, changed } = await serve(engine, request)
    post(port, { kind: 'rows', id: request.id, rows, changed })
    if (request.op === 'close') port.close()
  } catch (error) {
    post(port, { kind: 'failure', id: request.id, failure: failureOf(error) })
  }
}

async function serve(engine: PGlite, request: PgliteRequest): Promise<{ rows: unknown[]; changed: number }> {
  const nothing = { rows: [], changed: 0 }
  switch (request.op) {
    case 'run': {
      if (request.begin) await engine.exec('BEGIN ISOLATION LEVEL SERIALIZABLE')
      const { rows, affectedRows } = await engine.query(request.sql, [...request.parameters])
      return { rows, changed: affectedRows ?? 0 }
    }
    case 'commit':
      await engine.exec('COMMIT')
      return nothing
    case 'rollback':
      await engine.exec('ROLLBACK')
      return nothing
    case 'listen':
      await engine.exec(`LISTEN ${request.channel}`)
      return nothing
    case 'maintain':
      // One process without background workers: nobody else vacuums or bounds the log that a restart replays.
      await engine.exec('VACUUM')
      await engine.exec('CHECKPOINT')
      return nothing
    case 'close':
      await engine.close()
      return nothing
    default:
      throw new Error(`No such request: ${String(request satisfies never)}`)
  }
}

function post(port: MessagePort, reply: PgliteReply): void {
  port.postMessage(reply, [])
}

/** The engine's errors carry 30 KB of its own source; only these words leave the thread. */
function failureOf(error: unknown): EngineFailure {
  if (!(error instanceof Error)) return { message: String(error) }
  const { code, constraint, column } = error as Error & Record<string, unknown>
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  return {
    message: error.message.slice(0, 300),
    code: typeof code === 'string' && code.length === 5 ? code : undefined,
    constraint: text(constraint),
    column: text(column),
  }
}

async function openEngine({ data, templates, migrations }: PgliteWorkerData): Promise<PGlite> {
  sweepCopies(data)
  if (!existsSync(data)) {
    const template = join(templates, `pglite-${migrations.hash}`)
    if (!existsSync(template)) await makeTemplate(template, migrations)
    copyDirectory(template, data)
  }
  const engine = await start(data)
  await migrate(engine, migrations)
  return engine
}

/** Removes copies that were cut by the death of their process; the directory has one owner, so none of them lives. */
function sweepCopies(data: string): void {
  const folder = dirname(data)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${basename(data)}.`)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

async function makeTemplate(template: string, migrations: PgliteWorkerData['migrations']): Promise<void> {
  mkdirSync(dirname(template), { recursive: true })
  const draft = `${template}.${privateName()}`
  const engine = await start(draft)
  await migrate(engine, migrations)
  await engine.close()
  settle(draft, template)
}

function copyDirectory(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  const draft = `${to}.${privateName()}`
  cpSync(from, draft, { recursive: true, mode: constants.COPYFILE_FICLONE })
  settle(draft, to)
}

/** Gives a finished directory its name; when another process was first, its directory is as good. */
function settle(draft: string, name: string): void {
  try {
    renameSync(draft, name)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (!existsSync(name)) throw error
  }
  const parent = openSync(dirname(name), 'r')
  fsyncSync(parent)
  closeSync(parent)
}

async function start(data: string): Promise<PGlite> {
  const engine = await PGlite.create({
    dataDir: data,
    parsers: ROW_VALUES,
    // Without -F the engine asks for its syncs; see makeSyncsReal for who answers.
    startParams: [...PGlite.defaultStartParams.filter(param => param !== '-F'), '-c', 'wal_sync_method=fsync'],
  })
  makeSyncsReal(engine)
  return engine
}

type Stream = { nfd?: number; stream_ops: { fsync?: (stream: Stream) => number } }

/** The engine's file layer accepts fsync and does nothing; this makes an acknowledged commit one that is on the disk. */
function makeSyncsReal(engine: PGlite): void {
  const { streams } = (engine.Module as unknown as { FS: { streams: (Stream | null)[] } }).FS
  const onDisk = streams.find(stream => stream?.nfd !== undefined)
  if (onDisk === undefined || onDisk === null) throw new Error('The embedded engine opened no file on the disk.')
  onDisk.stream_ops.fsync = stream => {
    if (stream.nfd !== undefined) fdatasyncSync(stream.nfd)
    return 0
  }
}

async function migrate(engine: PGlite, migrations: PgliteWorkerData['migrations']): Promise<void> {
  await runMigrations(
    {
      exec: async sql => {
        await engine.exec(sql)
      },
      query: async (sql, parameters) => (await engine.query<Record<string, unknown>>(sql, [...parameters])).rows,
    },
    migrations,
  )
}

if (parentPort === null) throw new Error('This file runs as a worker thread.')
await main(parentPort, workerData as PgliteWorkerData)
