import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A draft older than this is nobody's any more, in ms; no upload lives that long. */
const DRAFT_AGE_MS_MAX = 6 * 3_600_000

/**
 * Removes what writers left behind when they were killed. A draft's name begins with the id of its process: those of
 * the dead go, those of living processes stay unless they are older than any upload. `mine` says which of the drafts
 * that bear this process's own id really are its own; an earlier process may have had the same id.
 */
export function sweepDrafts(folder: string, mine: (name: string) => boolean, nowMs: number): number {
  mkdirSync(folder, { recursive: true })
  let swept = 0
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const pid = Number.parseInt(name, 10)
    const owned = pid === process.pid ? mine(name) : isAlive(pid)
    if (owned && nowMs - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) < DRAFT_AGE_MS_MAX) continue
    rmSync(path, { force: true })
    swept += 1
  }
  return swept
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
