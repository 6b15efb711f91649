import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where one run works: `in` is what the sandbox may read, `out` what it may write. */
export type RunFolder = AsyncDisposable & { in: string; out: string }

const LEFT_BEHIND = /^(?<purpose>showreel-[a-z]+)-(?<pid>\d+)-/u

/**
 * Makes a folder of this run's own below `directory`, gone on dispose; what killed processes left behind of the same purpose
 * goes first.
 */
export async function runFolder(
  purpose: 'clip' | 'encode' | 'canary',
  directory: string = tmpdir(),
): Promise<RunFolder> {
  const prefix = `showreel-${purpose}`
  await removeAbandoned(prefix, directory)
  const root = await mkdtemp(join(directory, `${prefix}-${process.pid}-`))
  const folder = { in: join(root, 'in'), out: join(root, 'out') }
  await mkdir(folder.in)
  await mkdir(folder.out)
  return { ...folder, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

async function removeAbandoned(prefix: string, directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const { purpose, pid } = LEFT_BEHIND.exec(name)?.groups ?? {}
    if (purpose !== prefix || isAlive(Number(pid))) continue
    await rm(join(directory, name), { recursive: true, force: true })
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
