import { Hono } from 'hono'
import type { Context } from 'hono'
import { contentPolicy } from './content-policy.ts'
import { pageLanguage } from './page-language.ts'
import { shellHtml } from './shell-html.ts'
import type { BundledFile, PageBundle } from './page-bundle.ts'
import type { ShareFacts } from './shell-html.ts'

export type WebDeps = {
  bundle: PageBundle
  /** Origins that media, posters and playlists come from, such as `http://localhost:8081`. */
  mediaOrigins: readonly string[]
  /** Whether `POST /dev/token` exists here. */
  devTokens: boolean
  /** The public origin of the pages, for absolute links in share tags; the request's own when absent. */
  publicUrl?: string
  /** What a share page says of a stream, channel, clip or link id; undefined when there is no such thing or it cannot be told now. */
  shareFacts(id: string): Promise<ShareFacts | undefined>
}

const YEAR_S = 31_536_000
const ID = /^[a-z]{3,5}_[a-z0-9]{1,64}$/
const LANGUAGE_COOKIE = /(?:^|;\s*)language=([\w-]+)/

const STUDIO = 'studio/studio-screen.tsx'
const STUDIO_TEXTS = ['catalogue', 'player-catalogue', 'studio-catalogue'] as const

/** The modules and texts each screen needs at once, by the route that shows it. */
const SCREENS = {
  feed: { modules: ['feed/feed-page.tsx'], texts: ['catalogue', 'feed-catalogue'] },
  front: { modules: ['front/front-page.tsx'], texts: ['catalogue'] },
  search: { modules: ['search/search-page.tsx'], texts: ['catalogue', 'feed-catalogue'] },
  clip: { modules: ['share/clip-page.tsx'], texts: ['catalogue', 'feed-catalogue'] },
  share: { modules: ['share/share-page.tsx'], texts: ['catalogue', 'feed-catalogue'] },
  watch: { modules: ['watch/watch-page.tsx', 'watch/show-player.ts'], texts: ['catalogue', 'player-catalogue'] },
  studio: { modules: [STUDIO, 'studio/studio-page.tsx'], texts: STUDIO_TEXTS },
  stream: { modules: [STUDIO, 'studio/stream-page.tsx'], texts: STUDIO_TEXTS },
  clips: { modules: [STUDIO, 'clip/clips-page.tsx'], texts: STUDIO_TEXTS },
  editor: { modules: [STUDIO, 'clip/editor-page.tsx'], texts: STUDIO_TEXTS },
  review: { modules: [STUDIO, 'review/review-page.tsx'], texts: STUDIO_TEXTS },
  jobs: { modules: [STUDIO, 'jobs/jobs-page.tsx'], texts: STUDIO_TEXTS },
} as const

/** Screens whose links people send each other. */
const SHARED: ReadonlySet<keyof typeof SCREENS> = new Set(['watch', 'clip', 'share'])

/** The pages' server: content-hashed files that never change, one HTML shell a screen, and a policy that trusts only us. */
export function createWeb(deps: WebDeps): Hono {
  const app = new Hono()
  const pagePolicy = contentPolicy(deps.mediaOrigins, false)
  const embedPolicy = contentPolicy(deps.mediaOrigins, true)

  const show = async (c: Context, screen: keyof typeof SCREENS, status: 200 | 404 = 200): Promise<Response> => {
    const embedded = c.req.path.startsWith('/embed/')
    const id = c.req.param('id')
    const facts = SHARED.has(screen) && id !== undefined && ID.test(id) ? await shareFacts(deps, id) : undefined
    const origin = deps.publicUrl ?? new URL(c.req.url).origin
    const language = pageLanguage(
      LANGUAGE_COOKIE.exec(c.req.header('cookie') ?? '')?.[1],
      c.req.header('accept-language'),
    )
    const html = shellHtml({
      config: { dev_tokens: deps.devTokens, language },
      preloads: deps.bundle.preloads([
        ...SCREENS[screen].modules,
        ...SCREENS[screen].texts.map(text => `i18n/${text}-${language.toLowerCase()}.ts`),
      ]),
      font: deps.bundle.asset('fonts/archivo-latin.woff2'),
      share: facts && { facts, pageUrl: `${origin}${c.req.path}`, playerUrl: `${origin}/embed/${facts.id}` },
    })
    return c.body(html, status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: 'accept-language, cookie',
      'content-security-policy': embedded ? embedPolicy : pagePolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'cross-origin-opener-policy': 'same-origin',
    })
  }

  app.get('/', c => show(c, 'feed'))
  app.get('/live', c => show(c, 'front'))
  app.get('/search', c => show(c, 'search'))
  app.get('/c/:id', c => show(c, 'clip'))
  app.get('/s/:id', c => show(c, 'share'))
  app.get('/embed/:id{clip_[a-z0-9]+}', c => show(c, 'clip'))
  app.get('/w/:id', c => show(c, 'watch'))
  app.get('/embed/:id', c => show(c, 'watch'))
  app.get('/studio', c => show(c, 'studio'))
  app.get('/studio/streams/:id', c => show(c, 'stream'))
  app.get('/studio/clips', c => show(c, 'clips'))
  app.get('/studio/clips/:id', c => show(c, 'editor'))
  app.get('/studio/review', c => show(c, 'review'))
  app.get('/studio/jobs', c => show(c, 'jobs'))
  app.get('/assets/:name', c => sendFile(c, deps.bundle.file(c.req.param('name'))))
  app.notFound(c => (c.req.method === 'GET' ? show(c, 'front', 404) : c.body(null, 405)))
  return app
}

/** A preview tag is never worth a failed page. */
async function shareFacts(deps: WebDeps, id: string): Promise<ShareFacts | undefined> {
  return await deps.shareFacts(id).catch(() => undefined)
}

function sendFile(c: Context, file: BundledFile | undefined): Response {
  if (file === undefined) return c.text('There is no such file.', 404, { 'cache-control': 'no-store' })
  const accepted = c.req.header('accept-encoding') ?? ''
  const encoding =
    file.br !== undefined && /\bbr\b/.test(accepted)
      ? 'br'
      : file.gzip !== undefined && /\bgzip\b/.test(accepted)
        ? 'gzip'
        : undefined
  return c.body(encoding === undefined ? file.identity : (file[encoding] ?? file.identity), 200, {
    'content-type': file.type,
    'cache-control': `public, max-age=${YEAR_S}, immutable`,
    'x-content-type-options': 'nosniff',
    vary: 'accept-encoding',
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  })
}
