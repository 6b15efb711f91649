import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { privateName } from '#shared/service/held-name.ts'
import type { SecretName, Secrets } from './secrets.ts'

const SECRET_BYTES = 32

/**
 * Secrets as files of a directory that only this user may read (0700, files 0600); each is 32 random bytes, made when it
 * is first asked for. Processes that ask at the same time get the same bytes.
 */
export function directorySecrets(directory: string): Secrets {
  const known = new Map<SecretName, Promise<Uint8Array>>()
  return {
    async get(name) {
      const found = known.get(name) ?? readOrMake(directory, name)
      known.set(name, found)
      // A failed read is tried again by the next caller.
      found.catch(() => known.delete(name))
      return new Uint8Array(await found)
    },
  }
}

async function readOrMake(directory: string, name: SecretName): Promise<Uint8Array> {
  const path = join(directory, `${name}.key`)
  const existing = await readIfThere(path)
  if (existing !== undefined) return existing
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const draft = `${path}.${privateName()}`
  try {
    await writeSynced(draft, randomBytes(SECRET_BYTES))
    // link() fails when the name is taken, so whoever comes second reads what the first one made.
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  const made = await readIfThere(path)
  if (made === undefined) throw new Error(`The secret ${name} vanished while it was made.`)
  return made
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(bytes)
  await file.sync()
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const bytes = await readFile(path)
    if (bytes.byteLength < SECRET_BYTES) throw new Error(`The secret file ${path} is damaged.`)
    return bytes
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
