import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWeb } from './app.ts'
import { buildPages } from './build-pages.ts'
import { readPageBundle } from './page-bundle.ts'
import type { PageBundle } from './page-bundle.ts'
import type { ShareFacts } from './shell-html.ts'

const SHELL_BYTES_MAX = 20 * 1024
const FEED_BYTES_MAX = 28 * 1024
const PLAYER_BYTES_MAX = 250 * 1024
/** Longest a build may take on a machine that is busy, in ms. */
const BUILD_MS_MAX = 60_000
const MEDIA = 'http://media.example:8081'
const HOSTILE: ShareFacts = {
  id: 'strm_1',
  kind: 'show',
  title: `"><script>alert(1)</script>`,
  creator: 'Alice & "Bob"',
  live: true,
  posterUrl: `${MEDIA}/live/play_1/thumb.jpg`,
  videoUrl: `${MEDIA}/live/play_1/master.m3u8`,
}

const CLIP: ShareFacts = {
  id: 'clip_1',
  kind: 'clip',
  title: 'A goal',
  creator: 'Alice',
  live: false,
  posterUrl: `${MEDIA}/play/play_2/poster.jpg`,
  videoUrl: `${MEDIA}/play/play_2/clip.mp4`,
}

let outDir: string
let bundle: PageBundle
let app: ReturnType<typeof createWeb>

beforeAll(async () => {
  outDir = join(await mkdtemp(join(tmpdir(), 'web-app-')), 'pages')
  await buildPages({ outDir, cacheKey: 'test' })
  bundle = await readPageBundle(outDir)
  app = createWeb({
    bundle,
    mediaOrigins: [MEDIA],
    devTokens: true,
    shareFacts: async id => {
      if (id === 'strm_broken') throw new Error('The API is away.')
      if (id === 'clip_1' || id === 'shar_1') return CLIP
      return id === 'strm_1' ? HOSTILE : undefined
    },
  })
}, BUILD_MS_MAX)
afterAll(() => rm(outDir, { recursive: true, force: true }))

const html = async (path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await app.request(path, { headers })).text()
const sizeOf = (path: string): number => bundle.file(path.replace('/assets/', ''))?.gzip?.byteLength ?? 0
const loadedBy = (page: string): string[] =>
  [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path = '']) => path)

describe('what a page weighs', () => {
  test('what every page begins with is within 20 KB, and the whole feed within 28 KB, in every language', async () => {
    for (const language of ['en', 'id', 'vi', 'th', 'zh-Hans']) {
      const cookie = `language=${language}`
      const page = await html('/', { cookie })
      const live = loadedBy(await html('/live', { cookie }))
      const files = loadedBy(page)
      const shell = files.filter(path => live.includes(path))
      expect(shell.length).toBeGreaterThan(3)
      const weight = (paths: string[]): number =>
        gzipSync(page).byteLength + paths.reduce((sum, path) => sum + sizeOf(path), 0)
      const [shellBytes, feedBytes] = [weight(shell), weight(files)]
      expect([language, shellBytes <= SHELL_BYTES_MAX, shellBytes]).toEqual([language, true, shellBytes])
      expect([language, feedBytes <= FEED_BYTES_MAX, feedBytes]).toEqual([language, true, feedBytes])
    }
  })

  test('the player is a chunk of its own within 250 KB, which only a page with a video asks for at once', async () => {
    const shell = loadedBy(await html('/'))
    const player = loadedBy(await html('/w/strm_1')).filter(path => !shell.includes(path))
    const bytes = player.reduce((sum, path) => sum + sizeOf(path), 0)
    expect(bytes).toBeGreaterThan(100 * 1024)
    expect(bytes).toBeLessThanOrEqual(PLAYER_BYTES_MAX)
    expect(shell.reduce((sum, path) => sum + sizeOf(path), 0)).toBeLessThan(FEED_BYTES_MAX)
  })
})

describe('the pages’ server', () => {
  test.each(['/', '/live', '/search', '/c/clip_1', '/s/shar_1', '/w/strm_1', '/studio', '/studio/streams/strm_1'])(
    '%s trusts no script but ours and is not framed',
    async path => {
      const response = await app.request(path)
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(response.status).toBe(200)
      expect(policy).toContain("script-src 'self';")
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain(`connect-src 'self' ${MEDIA}`)
      expect(policy).toContain(`media-src 'self' blob: ${MEDIA}`)
      expect(policy).not.toMatch(/unsafe|\*/)
      expect(response.headers.get('cache-control')).toBe('no-cache')
    },
  )

  test('only the embedded player may be framed', async () => {
    for (const path of ['/embed/strm_1', '/embed/clip_1']) {
      const response = await app.request(path)
      expect(response.headers.get('content-security-policy')).toContain('frame-ancestors *')
    }
  })

  test('share tags carry the show, escaped, with absolute links', async () => {
    const page = await html('http://show.example/w/strm_1')
    expect(page).not.toContain('<script>alert')
    expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)')
    expect(page).toContain('content="http://show.example/embed/strm_1"')
    expect(page).toContain('property="og:image"')
    expect(page).toContain('Live now on Showreel · Alice &amp; &quot;Bob&quot;')
  })

  test.each(['/c/clip_1', '/s/shar_1'])('%s carries the clip, its picture, its file and a player', async path => {
    const page = await html(`http://show.example${path}`)
    for (const tag of [
      `property="og:url" content="http://show.example${path}"`,
      `property="og:image" content="${MEDIA}/play/play_2/poster.jpg"`,
      `property="og:video" content="${MEDIA}/play/play_2/clip.mp4"`,
      'property="og:video:type" content="video/mp4"',
      'name="twitter:player" content="http://show.example/embed/clip_1"',
      'A clip on Showreel · Alice',
    ]) {
      expect(page).toContain(tag)
    }
  })

  test.each(['strm_unknown', 'strm_broken', '..%2F..%2Fetc', '<script>'])(
    'the id %s gets the page without share tags',
    async id => {
      const page = await html(`/w/${encodeURIComponent(id)}`)
      expect(page).toContain('id="page-config"')
      expect(page).not.toContain('og:title')
    },
  )

  test('files are sent in the best encoding asked for and never change', async () => {
    const [path = ''] = loadedBy(await html('/')).filter(file => file.endsWith('.js'))
    const plain = await app.request(path)
    const brotli = await app.request(path, { headers: { 'accept-encoding': 'gzip, deflate, br' } })
    const gzip = await app.request(path, { headers: { 'accept-encoding': 'gzip' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(brotli.headers.get('content-encoding')).toBe('br')
    expect(gzip.headers.get('content-encoding')).toBe('gzip')
    expect(brotli.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(brotli.headers.get('vary')).toBe('accept-encoding')
    expect((await brotli.arrayBuffer()).byteLength).toBeLessThan((await plain.arrayBuffer()).byteLength)
  })

  test('an unknown path is a page that says so, an unknown file a plain 404', async () => {
    expect((await app.request('/nowhere')).status).toBe(404)
    expect((await app.request('/assets/..%2f..%2fpackage.json')).status).toBe(404)
    expect((await app.request('/', { method: 'POST' })).status).toBe(405)
  })
})

describe('the build', () => {
  test(
    'is done once for the same sources and again when anything it depends on changes',
    async () => {
      expect((await buildPages({ outDir, cacheKey: 'test' })).built).toBe(false)
      const manifest = await readFile(join(outDir, 'manifest.json'), 'utf8')
      expect((await buildPages({ outDir, cacheKey: 'other' })).built).toBe(true)
      expect(await readFile(join(outDir, 'manifest.json'), 'utf8')).toBe(manifest)
    },
    BUILD_MS_MAX,
  )
})
