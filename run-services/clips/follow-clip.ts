import { streamSSE } from 'hono/streaming'
import { Refusal } from '#shared/domain/refusal.ts'
import { bell } from '#shared/service/bell.ts'
import type { Principal } from '#shared/service/principal.ts'
import type { ServiceContext } from '#shared/service/service-app.ts'
import { changesOf } from '#shared/service/told-changes.ts'
import type { ClipAnswer } from './clip-answer.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { visibleClip } from './own-clip.ts'
import { presentClip } from './present-clip.ts'

/** Changes are told; this finds what was not. */
const LOOK_EVERY_MS = 3_000
/** Longest a clip is followed, in ms; whoever listens connects again. */
const FOLLOW_MS_MAX = 10 * 60_000
/** A comment now and then keeps the connection through proxies, in ms. */
const BEAT_EVERY_MS = 10_000
const UNDER_WAY: readonly ClipAnswer['state'][] = ['requested', 'playable', 'rendering']

/**
 * Tells a clip to whoever listens, as server-sent events `clip`, whenever it changes; ends when nothing of it is under way.
 * Throws `resource.missing` before the first event.
 */
export async function followClip(
  deps: ClipsDeps,
  c: ServiceContext,
  principal: Principal,
  clipId: string,
  drain: AbortSignal,
): Promise<Response> {
  await visibleClip(deps.database, principal, clipId)
  return streamSSE(c, async stream => {
    const gone = new AbortController()
    stream.onAbort(() => gone.abort())
    const signal = AbortSignal.any([gone.signal, drain, AbortSignal.timeout(FOLLOW_MS_MAX)])
    const changed = bell()
    using _listening = deps.broadcast.listen(changesOf(clipId), { heard: changed.ring, missed: changed.ring })
    let told = ''
    let toldMs = 0
    while (!signal.aborted) {
      const answer = await presentOrGone(deps, principal, clipId)
      const data = JSON.stringify(answer ?? { id: clipId, state: 'deleted' })
      if (data !== told || performance.now() - toldMs > BEAT_EVERY_MS) {
        await (data === told ? stream.write(': here\n\n') : stream.writeSSE({ event: 'clip', data }))
        told = data
        toldMs = performance.now()
      }
      if (answer === undefined || isSettled(answer)) return
      await changed.wait(LOOK_EVERY_MS, signal)
    }
  })
}

async function presentOrGone(deps: ClipsDeps, principal: Principal, clipId: string): Promise<ClipAnswer | undefined> {
  try {
    return await presentClip(deps, principal, await visibleClip(deps.database, principal, clipId))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'resource.missing') return undefined
    throw error
  }
}

function isSettled({ state, render }: ClipAnswer): boolean {
  return !UNDER_WAY.includes(state) || (state === 'playable' && render === null)
}
