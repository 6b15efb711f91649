import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const PAGES = join(import.meta.dirname, 'pages')
/** What every page needs, as one file: many small ones compress worse. */
const SHELL =
  /node_modules.preact|pages.(?:api.|i18n.(?:translate|format-time)|ui.(?:icon|route|page-header|language-picker|live-pill|problem-notice|poster)|read-page-config)/
/** The feed and what it shares with search and clips, for the same reason: it is the first thing most people see. */
const FEED = /pages.(?:feed.|ui.(?:item-path|initial-of|viewer-token|copy-text))/
const KEY_FILE = 'build-key.txt'
const COMPRESSIBLE = /\.(?:js|css|svg|json)$/
const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

export type BuildPagesOptions = {
  /** Where the finished bundle lies; replaced whole or not at all. */
  outDir: string
  /** Anything else the bundle depends on, such as the hash of the lockfile. */
  cacheKey: string
}

/**
 * Builds the pages into `outDir` unless what lies there was built from the same sources; tells whether it built.
 *
 * The bundle is content-hashed, every text file has a `.br` and a `.gz` beside it, and a crash while building leaves the
 * old bundle in place.
 */
export async function buildPages({ outDir, cacheKey }: BuildPagesOptions): Promise<{ built: boolean; key: string }> {
  const key = await sourceKey(cacheKey)
  if (await hasKey(outDir, key)) return { built: false, key }
  const staging = `${outDir}.${randomUUID()}`
  try {
    await bundle(staging)
    await precompress(staging)
    await writeFile(join(staging, KEY_FILE), key)
    await rm(outDir, { recursive: true, force: true })
    await rename(staging, outDir)
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  return { built: true, key }
}

async function sourceKey(cacheKey: string): Promise<string> {
  const hash = createHash('sha256').update(cacheKey)
  const files = (await readdir(PAGES, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  for (const file of [...files, import.meta.filename]) {
    hash.update(relative(PAGES, file)).update(await readFile(file))
  }
  return hash.digest('hex')
}

async function hasKey(outDir: string, key: string): Promise<boolean> {
  const kept = await readFile(join(outDir, KEY_FILE), 'utf8').catch(() => undefined)
  return kept === key
}

async function bundle(outDir: string): Promise<void> {
  // Loaded only when there is something to build: a warm start must not pay for the bundler.
  const { build } = await import('vite')
  await mkdir(outDir, { recursive: true })
  await build({
    root: PAGES,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir,
      emptyOutDir: false,
      manifest: 'manifest.json',
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      cssMinify: true,
      reportCompressedSize: false,
      chunkSizeWarningLimit: 1024,
      rolldownOptions: {
        input: join(PAGES, 'main.tsx'),
        output: {
          codeSplitting: {
            groups: [
              { name: 'shell', test: SHELL },
              { name: 'feed', test: FEED },
            ],
          },
        },
      },
    },
  })
}

async function precompress(outDir: string): Promise<void> {
  const assets = join(outDir, 'assets')
  const names = (await readdir(assets)).filter(name => COMPRESSIBLE.test(name))
  await Promise.all(
    names.map(async name => {
      const path = join(assets, name)
      const bytes = await readFile(path)
      const [br, gz] = await Promise.all([
        compressBrotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }),
        compressGzip(bytes, { level: 9 }),
      ])
      await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)])
    }),
  )
}
