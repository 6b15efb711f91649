import { type Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Ends the name of every object's file; no key contains it, so `a` and `a/b` may both exist. */
export const OBJECT_SUFFIX = '~'

/** Keys under `root` that begin with `prefix` and come after `after`, in key order (by byte). */
export async function* keysIn(
  root: string,
  prefix: string,
  after: string,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const cut = prefix.lastIndexOf('/') + 1
  yield* walk(root, prefix.slice(0, cut), prefix, after, signal)
}

async function* walk(
  root: string,
  folder: string,
  prefix: string,
  after: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  signal?.throwIfAborted()
  for (const name of ordered(await entries(join(root, folder)))) {
    const path = folder + name
    if (path.endsWith('/')) {
      const mayMatch = path.startsWith(prefix) || prefix.startsWith(path)
      const mayComeLater = path > after || after.startsWith(path)
      if (mayMatch && mayComeLater) yield* walk(root, path, prefix, after, signal)
    } else if (path.startsWith(prefix) && path > after) {
      yield path
    }
  }
}

/** Objects by their name, folders with the slash their keys go on with: sorted like this they are in key order. */
function ordered(found: readonly Dirent[]): string[] {
  const names: string[] = []
  for (const entry of found) {
    if (entry.isDirectory()) names.push(`${entry.name}/`)
    else if (entry.name.endsWith(OBJECT_SUFFIX)) names.push(entry.name.slice(0, -OBJECT_SUFFIX.length))
  }
  return names.sort()
}

async function entries(path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}
