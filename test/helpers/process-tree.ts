import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Process ids below one process, children of children included. */
export async function descendants(root: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/u).map(Number))
  const found: number[] = []
  const waiting = [root]
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const [pid, ppid] of pairs) {
      if (ppid !== parent || pid === undefined) continue
      found.push(pid)
      waiting.push(pid)
    }
  }
  return found
}

/** Whether the process exists; a zombie that waits for its parent counts as gone only once reaped. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The ids of processes below one process whose command is exactly this. */
export async function commandsBelow(root: number, command: string): Promise<readonly number[]> {
  const below = new Set(await descendants(root))
  const { stdout } = await run('ps', ['-e', '-o', 'pid=,comm='])
  return stdout
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/u))
    .filter(([pid, name]) => name === command && below.has(Number(pid)))
    .map(([pid]) => Number(pid))
}
