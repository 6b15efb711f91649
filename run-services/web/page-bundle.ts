import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  woff2: 'font/woff2',
  png: 'image/png',
}

type Bytes = Uint8Array<ArrayBuffer>

/** One file of the bundle in every encoding it was built in. */
export type BundledFile = { type: string; identity: Bytes; br: Bytes | undefined; gzip: Bytes | undefined }

type Chunk = { file: string; css?: string[]; assets?: string[]; imports?: string[] }

/** What a page has to load before it can draw. Paths begin with `/assets/`. */
export type Preloads = { entry: string; scripts: string[]; styles: string[] }

/** The built pages, held in memory: a few hundred kilobytes that never change while the process lives. */
export type PageBundle = {
  file(name: string): BundledFile | undefined
  /** The scripts and styles of the entry and of the named source modules (`front/front-page.tsx`), imports included. */
  preloads(modules: readonly string[]): Preloads
  /** The public path of a bundled asset by its source path, for example a font. */
  asset(source: string): string | undefined
}

/** Reads a bundle that `buildPages` has written. */
export async function readPageBundle(outDir: string): Promise<PageBundle> {
  const manifest = JSON.parse(await readFile(join(outDir, 'manifest.json'), 'utf8')) as Record<string, Chunk>
  const files = await readAssets(join(outDir, 'assets'))
  return {
    file: name => files.get(name),
    preloads: modules => preloadsOf(manifest, modules),
    asset: source => {
      const chunk = manifest[source]
      return chunk === undefined ? undefined : `/${chunk.file}`
    },
  }
}

async function readAssets(directory: string): Promise<Map<string, BundledFile>> {
  const names = new Set(await readdir(directory))
  const files = new Map<string, BundledFile>()
  for (const name of names) {
    if (name.endsWith('.br') || name.endsWith('.gz')) continue
    const read = async (path: string): Promise<Bytes | undefined> =>
      names.has(path) ? new Uint8Array(await readFile(join(directory, path))) : undefined
    const identity = await read(name)
    if (identity === undefined) continue
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
    files.set(name, { type, identity, br: await read(`${name}.br`), gzip: await read(`${name}.gz`) })
  }
  return files
}

function preloadsOf(manifest: Record<string, Chunk>, modules: readonly string[]): Preloads {
  const scripts = new Set<string>()
  const styles = new Set<string>()
  const visit = (source: string): void => {
    const chunk = manifest[source]
    if (chunk === undefined || scripts.has(chunk.file)) return
    scripts.add(chunk.file)
    for (const style of chunk.css ?? []) styles.add(style)
    for (const imported of chunk.imports ?? []) visit(imported)
  }
  for (const source of ['main.tsx', ...modules]) visit(source)
  const entry = manifest['main.tsx']?.file ?? ''
  const path = (file: string): string => `/${file}`
  return {
    entry: path(entry),
    scripts: [...scripts].filter(file => file !== entry).map(path),
    styles: [...styles].map(path),
  }
}
