import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { createWeb } from '#run-services/web/app.ts'
import { buildPages } from '#run-services/web/build-pages.ts'
import { readPageBundle } from '#run-services/web/page-bundle.ts'
import type { FeedItem } from '#run-services/feed/feed-answer.ts'
import { plainSql } from '#shared/ports/database/table-engine.ts'
import type { Page } from '#shared/service/page-cursor.ts'
import { feedService, type FeedService } from '../helpers/feed-service.ts'
import { putClips, putCreator, putShow } from '../helpers/published-clips.ts'
import { encodeFeedMedia, feedMediaFile } from './feed-media.ts'
import { stageMedia } from './staged-media.ts'

const MINUTE_MS = 60_000

/** The real pages and the real feed service over a real database, with small real videos behind its clips. */
export type FeedPlatform = AsyncDisposable & {
  url: string
  feed: FeedService
  /** Publishes that many clips, the newest first: `clip_0` has the first colour. */
  publish(count: number): Promise<void>
  /** Puts a show on the air. */
  goLive(title: string): Promise<void>
  /** Takes everything away. */
  clear(): Promise<void>
}

export async function feedPlatform(): Promise<FeedPlatform> {
  const root = await mkdtemp(join(tmpdir(), 'feed-pages-'))
  const mediaDir = await mkdtemp(join(tmpdir(), 'feed-media-'))
  await encodeFeedMedia(mediaDir)
  await buildPages({ outDir: join(root, 'pages'), cacheKey: 'staged' })
  const app = new Hono()
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const feed = await feedService({ mediaUrl: new URL(url), publicUrl: new URL(url) })
  const liveFrom = Date.now() - 5 * MINUTE_MS
  apiRoutes(app, feed)
  await mediaRoutes(app, mediaDir, liveFrom)
  const web = createWeb({
    bundle: await readPageBundle(join(root, 'pages')),
    mediaOrigins: [],
    devTokens: true,
    shareFacts: async () => undefined,
  })
  app.notFound(c => web.fetch(c.req.raw))
  await putCreator(feed.database, 'crtr_a', 'alice')
  return {
    url,
    feed,
    publish: count => publish(feed, count),
    goLive: title =>
      putShow(feed.database, {
        id: 'strm_live',
        creator: 'crtr_a',
        startedAt: new Date(liveFrom).toISOString(),
        title,
      }),
    clear: async () => {
      for (const table of ['clips', 'streams', 'clip_renditions', 'search_terms', 'shares', 'share_counts']) {
        await feed.database.execute(plainSql('test.clear', `DELETE FROM ${table}`))
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await feed[Symbol.asyncDispose]()
    },
  }
}

const TITLES = [
  'The lantern falls',
  'Sunrise over the rooftops',
  'น้ำซุปเดือดพอดี',
  '最后一秒的进球',
  'Một pha cứu thua',
  'One pan, no oil',
]

async function publish(feed: FeedService, count: number): Promise<void> {
  const now = Date.now()
  await putShow(feed.database, {
    id: 'strm_a',
    creator: 'crtr_a',
    startedAt: new Date(now - 60 * MINUTE_MS).toISOString(),
    title: 'Late Night Lantern',
    ended: true,
  })
  const clips = Array.from({ length: count }, (_, index) => ({
    id: `clip_${index}`,
    rank: now - index * MINUTE_MS,
    title: TITLES[index % TITLES.length] ?? '',
    tags: index % 2 === 0 ? ['lantern', 'night'] : [],
  }))
  await putClips(feed.database, clips)
  await feed.database.execute(
    plainSql(
      'test.renditions',
      `INSERT INTO clip_renditions (clip_id, rendition, uri, content_type, bytes, sha256)
       SELECT clip_id, shape, 'x', 'x', 1, 'x' FROM clips CROSS JOIN (VALUES ('vertical'), ('poster')) AS shapes (shape)`,
    ),
  )
  for (const { id } of clips) await feed.tell('clip.published', id, `evt_${id}_${now}`)
}

function apiRoutes(app: Hono, feed: FeedService): void {
  for (const path of ['/v1/feed', '/v1/feed/*', '/v1/search', '/v1/shares', '/v1/shares/*']) {
    app.all(path, c => feed.app.fetch(c.req.raw))
  }
  app.post('/dev/token', async c => {
    const { sub }: { sub: string } = await c.req.json()
    return c.json({ token: await feed.service.userToken(sub, ['viewer']) })
  })
  app.get('/v1/streams', c => c.json({ data: [], next_cursor: null, has_more: false }))
  app.get('/v1/clips/:id', async c => {
    const { body } = await feed.ask<Page<FeedItem>>('/v1/feed?limit=100')
    const item = body.data.find(({ id }) => id === c.req.param('id'))
    if (item === undefined) return c.json({ code: 'resource.missing', status: 404, title: 'missing' }, 404)
    return c.json({ ...item, state: 'published', published_at: item.at, created_at: item.at })
  })
}

async function mediaRoutes(app: Hono, directory: string, liveFrom: number): Promise<void> {
  const show = await stageMedia(await mkdtemp(join(tmpdir(), 'feed-show-')))
  app.get('/live/:id/master.m3u8', c =>
    c.body(show.master('live'), 200, { 'content-type': 'application/vnd.apple.mpegurl' }),
  )
  app.get('/live/:id/:rung{v[01]}/:file', async c => {
    const { rung, file } = c.req.param()
    return file.endsWith('.m3u8')
      ? c.body(show.playlist(rung, 'live', { startMs: liveFrom }, Date.now()), 200, {
          'content-type': 'application/vnd.apple.mpegurl',
        })
      : c.body(await show.file(`${rung}/${file}`), 200, { 'content-type': 'video/mp4' })
  })
  app.get('/play/:id/:name', async c => {
    const index = Number(c.req.param('id').split('_').at(-1))
    const name = c.req.param('name')
    const bytes = await feedMediaFile(directory, name, index)
    const type = name.endsWith('.jpg') ? 'image/jpeg' : 'video/mp4'
    const range = /^bytes=(\d+)-(\d*)$/.exec(c.req.header('range') ?? '')
    if (range === null) {
      return c.body(bytes, 200, { 'content-type': type, 'accept-ranges': 'bytes', 'content-length': `${bytes.length}` })
    }
    const from = Number(range[1])
    const to = range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1)
    return c.body(bytes.slice(from, to + 1), 206, {
      'content-type': type,
      'accept-ranges': 'bytes',
      'content-range': `bytes ${from}-${to}/${bytes.length}`,
    })
  })
}
