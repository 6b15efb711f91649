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
import type { ChannelsApi } from '#run-services/channels/contract.ts'
import { stageClips } from './staged-clips.ts'
import type { ClipStage } from './staged-clips.ts'
import { stageMedia } from './staged-media.ts'
import type { PlaylistKind } from './staged-media.ts'

type Stream = ChannelsApi['GET /v1/streams/{id}']['answer']
type Channel = ChannelsApi['GET /v1/channels/{id}']['answer']
type Health = ChannelsApi['GET /v1/streams/{id}/health']['answer']
type Ledger = ChannelsApi['GET /v1/streams/{id}/ledger']['answer']
type Marker = ChannelsApi['POST /v1/streams/{id}/markers']['answer']
type TimelineItem = ChannelsApi['GET /v1/streams/{id}/timeline']['answer']['data'][number]

/** What the API says; a test sets it and may change it while the page is open. */
export type Stage = {
  streams: Stream[]
  channels: Channel[]
  markers: Marker[]
  health?: Health
  ledger?: Ledger
  timeline?: TimelineItem[]
  /** The live playlists stop growing at this moment, as when a publisher is gone. */
  stoppedMs?: number | undefined
  /** Every call of the API answers this problem. */
  problem?: { status: 401 | 404 | 503; code: string } | undefined
  /** `METHOD /path` of every call that changes something, with its body. */
  calls: { key: string; body: unknown }[]
}

export type StagedPlatform = AsyncDisposable & {
  url: string
  stage: Stage
  clips: ClipStage
  restage(next: Partial<Stage>): void
  restageClips(next: Partial<ClipStage>): void
}

const page = <Item>(data: Item[]) => ({ data, next_cursor: null, has_more: false })

/** The real pages' server over staged answers and looped media: for states that are hard to hold still in a real show. */
export async function stagePlatform(options: { pagesDir?: string; mediaDir?: string } = {}): Promise<StagedPlatform> {
  const root = options.pagesDir ?? (await mkdtemp(join(tmpdir(), 'staged-pages-')))
  const mediaDir = options.mediaDir ?? (await mkdtemp(join(tmpdir(), 'staged-media-')))
  const media = await stageMedia(mediaDir)
  await buildPages({ outDir: join(root, 'pages'), cacheKey: 'staged' })
  const stage: Stage = { streams: [], channels: [], markers: [], calls: [] }
  const app = new Hono()
  const startOf = (id: string): number => Date.parse(stage.streams.find(stream => stream.id === id)?.started_at ?? '')

  app.use('/v1/*', async (c, next) => {
    if (c.req.method !== 'GET') {
      stage.calls.push({ key: `${c.req.method} ${c.req.path}`, body: await c.req.json().catch(() => undefined) })
    }
    if (stage.problem === undefined) return next()
    return c.json(
      { title: stage.problem.code, code: stage.problem.code, status: stage.problem.status },
      stage.problem.status,
    )
  })
  app.post('/dev/token', c => c.json({ token: 'staged' }))
  app.patch('/v1/me', c => c.json({ id: 'crtr_1' }))
  app.get('/v1/me', c =>
    c.json({ id: 'crtr_1', handle: 'alice', display_name: 'Alice', roles: ['creator'], status: 'active' }),
  )
  app.get('/v1/streams', c => {
    const { state, channel } = c.req.query()
    const over = (stream: Stream): boolean => stream.ended_at !== null
    return c.json(
      page(
        stage.streams.filter(
          stream =>
            (state === undefined || over(stream) === (state === 'ended')) &&
            (channel === undefined || stream.channel_id === channel),
        ),
      ),
    )
  })
  const missing = { title: 'There is no such resource', code: 'resource.missing', status: 404 }
  app.get('/v1/streams/:id', c => {
    const stream = stage.streams.find(candidate => candidate.id === c.req.param('id'))
    return stream === undefined ? c.json(missing, 404) : c.json(stream)
  })
  app.get('/v1/streams/:id/markers', c => c.json(page(stage.markers)))
  app.post('/v1/streams/:id/markers', async c => {
    const body: { kind: string; note?: string } = await c.req.json()
    const id = c.req.param('id')
    const marker = {
      id: `mark_${stage.markers.length}`,
      stream_id: id,
      kind: body.kind,
      note: body.note ?? null,
      at_ms: Date.now() - startOf(id),
      created_at: new Date().toISOString(),
    }
    stage.markers.push(marker)
    return c.json(marker, 201)
  })
  app.get('/v1/streams/:id/health', c =>
    c.json(stage.health ?? { stream_id: '', state: 'live', current: null, recent: [] }),
  )
  app.get('/v1/streams/:id/ledger', c => c.json(stage.ledger ?? {}))
  app.get('/v1/streams/:id/timeline', c => c.json(page(stage.timeline ?? [])))
  app.put('/v1/streams/:id/complete', c =>
    c.json(stage.streams.find(stream => stream.id === c.req.param('id')) ?? missing),
  )
  app.get('/v1/channels', c => c.json(page(stage.channels)))
  app.post('/v1/channels', async c => {
    const body: { title: string } = await c.req.json()
    const channel = stagedChannel({ title: body.title })
    stage.channels.push(channel)
    return c.json({ ...channel, stream_key: stagedKey(channel.id) }, 201)
  })
  app.get('/v1/channels/:id', c => {
    const channel = stage.channels.find(candidate => candidate.id === c.req.param('id'))
    return channel === undefined ? c.json(missing, 404) : c.json(channel)
  })
  app.patch('/v1/channels/:id', async c => {
    const channel = stage.channels.find(candidate => candidate.id === c.req.param('id'))
    return channel === undefined ? c.json(missing, 404) : c.json(Object.assign(channel, await c.req.json()))
  })
  app.get('/v1/channels/:id/stream-keys', c => {
    const { secret: _, ...key } = stagedKey(c.req.param('id'))
    return c.json(page([key]))
  })
  app.post('/v1/channels/:id/stream-keys/:key/rotate', c =>
    c.json({ ...stagedKey(c.req.param('id')), id: 'skey_2' }, 201),
  )

  const clips = await stageClips(app, mediaDir)

  app.get('/:place{live|play}/:id/:name{[a-z]+\\.m3u8}', c => {
    const kind = kindOf(c.req.param('place'), c.req.param('name'))
    return c.body(media.master(kind), 200, { 'content-type': 'application/vnd.apple.mpegurl' })
  })
  app.get('/:place{live|play}/:id/:rung{v[01]}/:file', async c => {
    const { id, rung, file } = c.req.param()
    if (file.endsWith('.m3u8')) {
      const kind = file.slice(0, -'.m3u8'.length) as PlaylistKind
      const ended = stage.streams.find(stream => stream.id === id)?.ended_at
      const stoppedMs = ended == null ? stage.stoppedMs : Date.parse(ended)
      return c.body(media.playlist(rung, kind, { startMs: startOf(id), stoppedMs }, Date.now()), 200, {
        'content-type': 'application/vnd.apple.mpegurl',
      })
    }
    return c.body(await media.file(`${rung}/${file}`), 200, { 'content-type': 'video/mp4' })
  })

  const web = createWeb({
    bundle: await readPageBundle(join(root, 'pages')),
    mediaOrigins: [],
    devTokens: true,
    shareFacts: async () => undefined,
  })
  app.notFound(c => web.fetch(c.req.raw))
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    stage,
    clips,
    restageClips: next => void Object.assign(clips, next),
    restage: next => void Object.assign(stage, next),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function kindOf(place: string, name: string): PlaylistKind {
  if (place === 'play') return 'archive'
  return name === 'dvr.m3u8' ? 'dvr' : 'live'
}

/** A channel of Alice's, off the air unless told otherwise. */
export function stagedChannel(changes: Partial<Channel> = {}): Channel {
  return {
    id: 'chan_1',
    creator_id: 'crtr_1',
    title: 'Late Night Lantern',
    latency_mode: 'low',
    dvr_window_s: 3600,
    renditions_max: 3,
    reconnect_window_s: 60,
    record: true,
    state: 'idle',
    live_stream_id: null,
    playback_id: 'play_1',
    playback: null,
    ingest: { rtmp_url: 'rtmp://localhost:1935/live' },
    created_at: new Date().toISOString(),
    ...changes,
  }
}

function stagedKey(channelId: string) {
  return {
    id: 'skey_1',
    channel_id: channelId,
    label: null,
    state: 'active' as const,
    expires_at: null,
    created_at: new Date().toISOString(),
    secret: 'sk_live_4tqyv2wzsl3kd6b5x7aejmnopq',
  }
}

/** A show that began `agoS` ago; over after `lengthS` when that is given. */
export function stagedStream(url: string, changes: Partial<Stream> & { agoS?: number; lengthS?: number } = {}): Stream {
  const { agoS = 300, lengthS, ...rest } = changes
  const id = rest.id ?? 'strm_1'
  const startMs = Date.now() - agoS * 1000
  const over = lengthS !== undefined
  return {
    id,
    channel_id: 'chan_1',
    creator: { id: 'crtr_1', handle: 'alice', display_name: 'Alice' },
    title: 'Late Night Lantern: the forest at dawn',
    state: over ? 'archived' : 'live',
    epoch: 1,
    playback: {
      id,
      hls_url: `${url}/${over ? 'play' : 'live'}/${id}/master.m3u8`,
      dvr_url: `${url}/live/${id}/dvr.m3u8`,
    },
    started_at: new Date(startMs).toISOString(),
    ended_at: over ? new Date(startMs + lengthS * 1000).toISOString() : null,
    duration_ms: over ? lengthS * 1000 : null,
    reconnect_until: null,
    media: null,
    health_level: 'good',
    reason: null,
    archive: null,
    ...rest,
  }
}
