import type { CanaryHop } from '#shared/domain/canary.ts'
import { readFootage, type Workshop } from './marked-footage.ts'
import type { ClipAnswer, FeedAnswer } from './show-answers.ts'
import type { ShowClient } from './show-client.ts'
import { untilSeen } from './until-seen.ts'
import { fetchBytes } from './watch-show.ts'

const CLIP_S = 5
const LOOK_EVERY_MS = 200
const FAILED = new Set(['failed', 'deleted'])
const RENDERED = new Set(['ready', 'published'])
/** Of the clip's pictures, the least that must be there; the show makes 30 a second. */
const FRAMES_MIN = 60

type Options = { client: ShowClient; workshop: Workshop; streamId: string; now: () => number; onHop: OnHop }
/** Told of each hop as it is timed. */
export type OnHop = (hop: CanaryHop, ms: number) => void

/**
 * Clips the last seconds of the show, plays the clip, waits for its shapes and finds it in the feed; the clip is deleted
 * whatever happened. Throws when a step does not come, or the clip's pictures are not the show's.
 */
export async function clipHops({ client, workshop, streamId, now, onHop }: Options): Promise<void> {
  const { signal } = workshop
  const timing = { everyMs: LOOK_EVERY_MS, signal }
  const askedMs = now()
  const made = await client.ask<ClipAnswer>('POST', '/v1/clips', {
    stream_id: streamId,
    last_s: CLIP_S,
    title: 'Synthetic clip',
  })
  const look = async () => {
    const clip = await client.ask<ClipAnswer>('GET', `/v1/clips/${made.id}`)
    if (FAILED.has(clip.state)) throw new Error(`The clip ${clip.state}: ${clip.reason ?? 'nobody says why'}.`)
    return clip
  }
  try {
    const playable = await untilSeen(
      'A clip that plays',
      async () => {
        const clip = made.playback === null ? await look() : made
        return clip.playback === null ? undefined : clip.playback
      },
      timing,
    )
    const file = await fetchBytes(playable.mp4_url, signal)
    onHop('clip-playable', now() - askedMs)
    const frames = await readFootage(workshop, file, 'mov')
    if (frames.length < FRAMES_MIN) throw new Error(`The clip has ${frames.length} pictures.`)
    await untilSeen(
      'Every shape of the clip',
      async () => (RENDERED.has((await look()).state) ? true : undefined),
      timing,
    )
    const renderedMs = now()
    onHop('clip-rendered', renderedMs - askedMs)
    await untilSeen(
      'The clip in the feed',
      async () => {
        const { data } = await client.ask<FeedAnswer>('GET', '/v1/feed?limit=100')
        return data.some(({ id }) => id === made.id) ? true : undefined
      },
      timing,
    )
    onHop('feed', now() - renderedMs)
  } finally {
    await client.ask('DELETE', `/v1/clips/${made.id}`)
  }
}
