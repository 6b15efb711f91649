import type { ChannelsApi } from '#run-services/channels/contract.ts'
import type { ClipsApi } from '#run-services/clips/contract.ts'
import type { Log } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import { demoCall } from './demo-call.ts'

const LOOK_EVERY_MS = 2_000
/** Shortest show that is clipped, so that the first clip is there within the first minute, in ms. */
const FIRST_AFTER_MS = 10_000
const LENGTH_MS = 9_000
/** Between two clips: a laptop that shows the demo does something else as well. */
const EVERY_MS = 120_000
/** Clips kept; older ones are deleted, so that a demo that runs for days stays small. */
const KEPT_MAX = 20
const MS_PER_MINUTE = 60_000
const MS_PER_S = 1_000

type Streams = ChannelsApi['GET /v1/streams']['answer']
type Clips = ClipsApi['GET /v1/clips']['answer']
type Clip = ClipsApi['POST /v1/clips']['answer']

/** Clips the demo show as its creator would, now and then, until the signal aborts; what fails is tried again later. */
export async function clipNowAndThen(controlUrl: URL, signal: AbortSignal, log: Log): Promise<void> {
  let nextAtMs = 0
  while (!signal.aborted) {
    try {
      const show = await ownShow(controlUrl)
      const startedAtMs = Date.parse(show?.started_at ?? '')
      if (show !== undefined && Date.now() >= nextAtMs && Date.now() - startedAtMs >= FIRST_AFTER_MS) {
        await clip(controlUrl, show.id)
        nextAtMs = Date.now() + EVERY_MS
        await forgetOldest(controlUrl)
      }
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the demo could not clip its show')
    }
    await pause(LOOK_EVERY_MS, signal)
  }
}

async function ownShow(controlUrl: URL): Promise<Streams['data'][number] | undefined> {
  const me = await demoCall<ChannelsApi['GET /v1/me']['answer']>(controlUrl, 'GET', '/v1/me')
  const { data } = await demoCall<Streams>(controlUrl, 'GET', '/v1/streams?state=live&limit=100')
  return data.find(({ creator }) => creator.id === me.id)
}

async function clip(controlUrl: URL, streamId: string): Promise<void> {
  const body = { stream_id: streamId, last_s: LENGTH_MS / MS_PER_S, tags: ['animation', 'bunny'] }
  const made = await demoCall<Clip>(controlUrl, 'POST', '/v1/clips', body)
  const title = `Big Buck Bunny at ${clockOf(made.start_ms)}`
  await demoCall(controlUrl, 'PATCH', `/v1/clips/${made.id}`, { title })
}

async function forgetOldest(controlUrl: URL): Promise<void> {
  const { data } = await demoCall<Clips>(controlUrl, 'GET', '/v1/clips?limit=100')
  for (const { id } of data.slice(KEPT_MAX)) await demoCall(controlUrl, 'DELETE', `/v1/clips/${id}`)
}

/** Minutes and seconds. */
function clockOf(ms: number): string {
  const seconds = Math.floor((ms % MS_PER_MINUTE) / MS_PER_S)
  return `${Math.floor(ms / MS_PER_MINUTE)}:${String(seconds).padStart(2, '0')}`
}
