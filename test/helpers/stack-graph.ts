import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ResourceGraph } from '#infra/resource-graph.ts'
import { graphOf, stackConfig } from '#tools/preview/preview-stack.ts'

const CACHE = '.cache/graphs'
/** Everything a graph is made from; the lockfile stands for the packages. */
const SOURCES = ['infra/**/*.ts', 'shared/domain/**/*.ts', 'tools/preview/**/*.ts', 'package-lock.json']

let sources: string | undefined

/**
 * The graph of a stack as if it was made, with single config keys replaced. Test files that ask for the same one share
 * it: it is kept under the hash of all it is made from.
 */
export async function stackGraph(
  stack: string,
  replaced: Readonly<Record<string, string>> = {},
): Promise<ResourceGraph> {
  const config = stackConfig(stack, replaced)
  sources ??= hash(
    globSync(SOURCES)
      .toSorted()
      .map(path => `${path}\n${readFileSync(path, 'utf8')}`),
  )
  const file = join(CACHE, `${hash([stack, JSON.stringify(config), sources, process.version])}.json`)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as ResourceGraph
  const graph = await graphOf(stack, config)
  mkdirSync(CACHE, { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, JSON.stringify(graph))
  renameSync(draft, file)
  return graph
}

function hash(parts: readonly string[]): string {
  const made = createHash('sha256')
  for (const part of parts) made.update(`${part.length}\n${part}\n`)
  return made.digest('hex')
}
