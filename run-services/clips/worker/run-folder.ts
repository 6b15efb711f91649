import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where one run works: `in` is what the sandbox may read, `out` what it may write. */
export type RunFolder = AsyncDisposable & { in: string; out: string }

const PREFIX = 'showreel-clip'
const NAME = new RegExp(`^${PREFIX}-(?<pid>\\d+)-`, 'u')

/** Makes a folder of this run's own, gone on dispose; what killed processes left behind goes first. */
export async function runFolder(): Promise<RunFolder> {
  await removeAbandoned()
  const root = await mkdtemp(join(tmpdir(), `${PREFIX}-${process.pid}-`))
  const folder = { in: join(root, 'in'), out: join(root, 'out') }
  await mkdir(folder.in)
  await mkdir(folder.out)
  return { ...folder, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(NAME.exec(name)?.groups?.['pid'] ?? 0)
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process may not be asked, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
