import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockDirectory } from '#shared/ports/database/directory-lock.ts'

/** Where a run keeps the process ids of its children, for people and for the next run. */
export type RunDirectory = {
  /** Notes the process that is now the child of that name. */
  note(name: string, pid: number): void
}

/** Longest wait for children whose supervisor was killed; they drain within 8 s. */
const ORPHANS_MS_MAX = 15_000
const POLL_MS = 100

/**
 * Makes this process the data directory's only supervisor until it ends; throws `DirectoryInUse` when another one runs.
 * Children that outlived a killed supervisor are waited for, so that a start right after a crash finds ports and store free.
 */
export async function claimRunDirectory(dataDir: string): Promise<RunDirectory> {
  await lockDirectory(dataDir)
  const folder = join(dataDir, 'run')
  mkdirSync(folder, { recursive: true })
  const deadline = performance.now() + ORPHANS_MS_MAX
  while (orphans(folder).length > 0) {
    if (performance.now() > deadline) {
      throw new Error(`Processes ${orphans(folder).join(', ')} of the last run do not end; end them and start again.`)
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
  return { note: (name, pid) => writeFileSync(join(folder, `${name}.pid`), String(pid)) }
}

function orphans(folder: string): number[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.pid'))
    .map(file => Number(readFileSync(join(folder, file), 'utf8')))
    .filter(pid => Number.isInteger(pid) && pid > 0 && isOurs(pid))
}

/** A number may have passed to some other program since; only a running Node counts. */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node')
  } catch {
    return process.platform !== 'linux'
  }
}
