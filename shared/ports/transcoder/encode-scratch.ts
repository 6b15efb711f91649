import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where one encode works: `in` is what the sandbox may read, `out` what it may write. */
export type EncodeScratch = AsyncDisposable & { in: string; out: string }

const PREFIX = 'showreel-encode'
const NAME = new RegExp(`^${PREFIX}-(?<pid>\\d+)-`, 'u')

/** Makes a folder of this run's own, gone on dispose; what killed processes left behind goes first. */
export async function encodeScratch(directory = tmpdir()): Promise<EncodeScratch> {
  for (const name of await readdir(directory)) {
    const pid = Number(NAME.exec(name)?.groups?.['pid'] ?? 0)
    if (pid > 0 && !isAlive(pid)) await rm(join(directory, name), { recursive: true, force: true })
  }
  const root = await mkdtemp(join(directory, `${PREFIX}-${process.pid}-`))
  const scratch = { in: join(root, 'in'), out: join(root, 'out') }
  await mkdir(scratch.in)
  await mkdir(scratch.out)
  return { ...scratch, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
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
