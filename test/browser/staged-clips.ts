import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Context, Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { FeedApi } from '#run-services/feed/contract.ts'
import type { JobsApi } from '#shared/service/job-pages.ts'
import { pause } from '#shared/service/pause.ts'

export type StagedClip = ClipsApi['GET /v1/clips/{id}']['answer']
export type StagedQueued = ClipsApi['GET /v1/review-queue']['answer']['data'][number]
export type StagedJob = JobsApi['GET /v1/jobs']['answer']['data'][number]
type Simulation = ClipsApi['POST /v1/clip-rules:simulate']['answer']
type FeedItem = FeedApi['GET /v1/feed']['answer']['data'][number]

/** What the API says of clips and jobs; a test sets it and may change it while the page is open. */
export type ClipStage = {
  clips: StagedClip[]
  queue: StagedQueued[]
  jobs: StagedJob[]
  related: FeedItem[]
  simulation?: Simulation | undefined
  /** Every change of a clip answers this problem. */
  refusal?: { status: 404 | 409 | 422 | 429; code: string } | undefined
}

const LOOK_EVERY_MS = 100
const ENCODE_MS_MAX = 60_000
const FILES = {
  'clip.mp4': 'video/mp4',
  'vertical.mp4': 'video/mp4',
  'square.mp4': 'video/mp4',
  'poster.jpg': 'image/jpeg',
  'sheet.jpg': 'image/jpeg',
} as const
type FileName = keyof typeof FILES

const page = <Item>(data: Item[]) => ({ data, next_cursor: null, has_more: false })
const missing = { title: 'There is no such resource', code: 'resource.missing', status: 404 }

/** A clip of Alice's show, playing already, changed as told. */
export function stagedClip(url: string, changes: Partial<StagedClip> = {}): StagedClip {
  const id = changes.id ?? 'clip_1'
  const rendered = changes.state !== 'playable' && changes.state !== 'rendering'
  const at = (name: FileName): string => `${url}/staged/${name}`
  const file = { width: 320, height: 180, duration_ms: 3_000 }
  return {
    id,
    stream_id: 'strm_1',
    creator: { id: 'crtr_1', handle: 'alice', display_name: 'Alice' },
    yours: true,
    origin: 'person',
    title: 'The butterfly lands',
    tags: ['forest'],
    state: 'ready',
    reason: null,
    marquee: false,
    publish_when_ready: false,
    start_ms: 60_000,
    end_ms: 75_000,
    duration_ms: 15_000,
    missing_ms: 0,
    width: 1280,
    height: 720,
    crop: 'follow',
    presets: [],
    moments: { cues: [], markers: [] },
    score: null,
    reasons: [],
    playback: {
      id: `play_${id}`,
      mp4_url: at('clip.mp4'),
      ...(rendered
        ? { vertical_url: at('vertical.mp4'), square_url: at('square.mp4'), poster_url: at('poster.jpg') }
        : {}),
    },
    files: rendered
      ? [
          { name: 'wide', url: at('clip.mp4'), bytes: 4_200_000, ...file },
          { name: 'vertical', url: at('vertical.mp4'), bytes: 3_100_000, ...file },
          { name: 'square', url: at('square.mp4'), bytes: 2_900_000, ...file },
        ]
      : [],
    render: null,
    review_since: null,
    published_at: null,
    created_at: new Date(Date.now() - 120_000).toISOString(),
    updated_at: new Date(Date.now() - 60_000).toISOString(),
    ...changes,
  }
}

/** What the rules see in a show of `lengthMs`: a curve with two peaks, small pictures of all of it. */
export function stagedSimulation(url: string, lengthMs: number): Simulation {
  const every = 200
  const bump = (at: number, middle: number): number => Math.exp(-(((at - middle) / 4_000) ** 2))
  return {
    rules_version: 3,
    picks: [66_000, 90_000].map((middle, index) => ({
      start_ms: middle - 8_000,
      end_ms: middle + 6_000,
      score: 8.4 - index * 3,
      reasons: [
        { signal: 'loudness' as const, value: -14, baseline: -26, added: 4.1 - index, at_ms: middle },
        { signal: 'marker' as const, value: 1, added: 3, at_ms: middle + 400, note: 'The butterfly lands' },
        { signal: 'motion' as const, value: 0.42, baseline: 0.14, added: 1.3, at_ms: middle - 600 },
      ],
    })),
    curve: Array.from({ length: Math.floor(lengthMs / every) }, (_, index) => {
      const at = index * every
      const score = 8 * bump(at, 66_000) + 5 * bump(at, 90_000)
      return { at_ms: at, score, loudness_db: -34 + 18 * bump(at, 66_000) + 6 * Math.sin(index), motion: 0.2 }
    }),
    strips: Array.from({ length: Math.ceil(lengthMs / 30_000) }, (_, index) => ({
      from_ms: index * 30_000,
      to_ms: (index + 1) * 30_000,
      url: `${url}/staged/sheet.jpg`,
      every_ms: 5_000,
      columns: 3,
      frames: 6,
      width: 160,
      height: 90,
    })),
  }
}

/** The clips' and jobs' part of the API over a stage, and the few files they play. */
export async function stageClips(app: Hono, directory: string): Promise<ClipStage> {
  if (!(await readdir(directory)).includes('clip.mp4')) await encode(directory)
  const stage: ClipStage = { clips: [], queue: [], jobs: [], related: [] }
  const find = (id: string | undefined): StagedClip | undefined => stage.clips.find(clip => clip.id === id)
  const refuse = (c: Context): Response | undefined => {
    const { refusal } = stage
    return refusal && c.json({ title: refusal.code, detail: 'It is refused.', ...refusal }, refusal.status)
  }
  const change = (c: Context, changes: Partial<StagedClip>): Response => {
    const refused = refuse(c)
    if (refused !== undefined) return refused
    const clip = find(c.req.param('id'))
    if (clip === undefined) return c.json(missing, 404)
    return c.json(Object.assign(clip, changes, { updated_at: new Date().toISOString() }))
  }

  app.post('/v1/clips', async c => {
    const refused = refuse(c)
    if (refused !== undefined) return refused
    const { start_ms, end_ms, title } = await c.req.json<ClipsApi['POST /v1/clips']['body']>()
    const { origin } = new URL(c.req.url)
    const clip = stagedClip(origin, {
      id: `clip_made_${stage.clips.length}`,
      state: 'rendering',
      title: title ?? 'Late Night Lantern',
      start_ms: start_ms ?? 0,
      end_ms: end_ms ?? 0,
      publish_when_ready: true,
      render: { job_id: 'job_1', percent: 0, stored: [] },
    })
    stage.clips.push(clip)
    return c.json(clip, 201)
  })
  app.get('/v1/clips', c => {
    const { stream, state } = c.req.query()
    return c.json(
      page(
        stage.clips.filter(
          clip => (stream === undefined || clip.stream_id === stream) && (state === undefined || clip.state === state),
        ),
      ),
    )
  })
  app.get('/v1/clips/:id', c => {
    const clip = find(c.req.param('id'))
    return clip === undefined ? c.json(missing, 404) : c.json(clip)
  })
  app.get('/v1/clips/:id/events', c =>
    streamSSE(c, async stream => {
      let told = ''
      for (let clip = find(c.req.param('id')); clip !== undefined && !stream.aborted; clip = find(c.req.param('id'))) {
        const data = JSON.stringify(clip)
        if (data !== told) await stream.writeSSE({ event: 'clip', data })
        told = data
        if (clip.render === null) return
        await pause(LOOK_EVERY_MS, c.req.raw.signal)
      }
    }),
  )
  app.patch('/v1/clips/:id', async c => {
    const body = await c.req.json<ClipsApi['PATCH /v1/clips/{id}']['body']>()
    return change(c, { ...(body as Partial<StagedClip>), ...(body.marquee === true ? { state: 'in_review' } : {}) })
  })
  app.delete('/v1/clips/:id', c => {
    stage.clips = stage.clips.filter(clip => clip.id !== c.req.param('id'))
    return c.body(null, 204)
  })
  app.post('/v1/clips/:id/publish', c => change(c, { state: 'published', published_at: new Date().toISOString() }))
  app.post('/v1/clips/:id/unpublish', c => change(c, { state: 'unpublished' }))
  app.get('/v1/review-queue', c => c.json(page(stage.queue)))
  app.post('/v1/clips/:id/reviews', async c => {
    const refused = refuse(c)
    if (refused !== undefined) return refused
    const queued = stage.queue.find(({ clip }) => clip.id === c.req.param('id'))
    if (queued === undefined) return c.json(missing, 404)
    const { verdict, reason = null } = await c.req.json<ClipsApi['POST /v1/clips/{id}/reviews']['body']>()
    queued.reviews.push({ id: 'rev_1', reviewer: 'alice', verdict, reason, decided_at: new Date().toISOString() })
    const approvals = queued.reviews.filter(review => review.verdict === 'approve').length
    if (verdict === 'reject' || approvals >= queued.approvals_needed) {
      queued.clip.state = verdict === 'reject' ? 'rejected' : 'ready'
      stage.queue = stage.queue.filter(other => other !== queued)
    }
    return c.json(queued, 201)
  })
  app.post('/v1/clip-rules:simulate', c =>
    stage.simulation === undefined ? c.json(missing, 404) : c.json(stage.simulation),
  )
  app.get('/v1/feed/related', c => c.json(page(stage.related)))
  app.get('/v1/jobs', c => {
    const state = c.req.query('state')
    return c.json(page(stage.jobs.filter(job => state === undefined || job.state === state)))
  })
  app.post('/v1/jobs/:id/retry', c => {
    const job = stage.jobs.find(candidate => candidate.id === c.req.param('id'))
    if (job === undefined) return c.json(missing, 404)
    job.state = 'ready'
    return c.json(job, 202)
  })
  app.get('/staged/:name', async c => {
    const name = c.req.param('name') as FileName
    if (!(name in FILES)) return c.notFound()
    return sendRange(c, new Uint8Array(await readFile(join(directory, name))), FILES[name])
  })
  return stage
}

/** A file as players ask for it: whole, or the bytes of one range. */
function sendRange(c: Context, bytes: Uint8Array<ArrayBuffer>, type: string): Response {
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/u.exec(c.req.header('range') ?? '') ?? []
  const headers = { 'content-type': type, 'accept-ranges': 'bytes' }
  if (from === '') return c.body(bytes, 200, headers)
  const end = to === '' ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1)
  return c.body(bytes.slice(Number(from), end + 1), 206, {
    ...headers,
    'content-range': `bytes ${from}-${end}/${bytes.length}`,
  })
}

const runFfmpeg = promisify(execFile)

async function encode(directory: string): Promise<void> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30:duration=3']
  const video = '-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 15 -movflags +faststart'.split(' ')
  const shapes: readonly (readonly [FileName, readonly string[]])[] = [
    ['vertical.mp4', ['-vf', 'crop=202:360,scale=180:320', ...video]],
    ['square.mp4', ['-vf', 'crop=360:360,scale=240:240', ...video]],
    ['poster.jpg', ['-frames:v', '1', '-q:v', '4']],
    ['sheet.jpg', ['-vf', 'fps=2,scale=160:90,tile=3x2', '-frames:v', '1', '-q:v', '4']],
    ['clip.mp4', video],
  ]
  const outputs = shapes.flatMap(([name, how]) => [...how, name])
  await runFfmpeg('ffmpeg', ['-v', 'error', '-y', ...source, ...outputs], { cwd: directory, timeout: ENCODE_MS_MAX })
}
