import { Refusal } from '#shared/domain/refusal.ts'
import { type PlaneStream, planeStreams } from '#shared/domain/plane-api.ts'
import type { ServiceApp, ServiceContext } from '#shared/service/service-app.ts'
import type { ChannelLeases, PeerAddress } from './channel-leases.ts'
import type { ShowPlaces } from './show-places.ts'

/** Says that a call has been handed on once; it is not handed on again. */
const FORWARDED = 'x-showreel-forwarded'
const CALL_MS_MAX = 3_000
/** Calls about what is on the air on one channel. */
const ABOUT_A_SHOW = /^\/plane\/channels\/([^/]+)(?:\/(?:stream|metadata))?$/u
const UNAVAILABLE_RETRY_S = 2

type ForwardDeps = {
  leases: Pick<ChannelLeases, 'holder'>
  /** Whether the channel's show is in this process. */
  isHere: (ref: string) => boolean
}

/** Hands calls about a show that another instance has on to that one, in the name of who called. */
export function forwardCalls(app: ServiceApp, { leases, isHere }: ForwardDeps): void {
  app.use('/plane/channels/*', async (c, next) => {
    const [, ref] = ABOUT_A_SHOW.exec(c.req.path) ?? []
    if (ref === undefined || isHere(ref) || c.req.header(FORWARDED) !== undefined) return await next()
    const peer = await leases.holder(ref)
    if (peer === undefined) return await next()
    const answer = await asked(c, peer, c.req.path)
    const body = await answer.text()
    const type = answer.headers.get('content-type') ?? 'application/json'
    return body === '' ? c.body(null, 204) : c.body(body, answer.status as 200, { 'content-type': type })
  })
}

/** What is on the air on every other instance; none of it when this is such a question itself. */
export async function streamsElsewhere(c: ServiceContext, places: ShowPlaces): Promise<PlaneStream[]> {
  if (c.req.header(FORWARDED) !== undefined) return []
  const peers = await places.everywhere()
  const answers = await Promise.all(
    peers.map(async peer => {
      const answer = await asked(c, peer, c.req.path)
      if (!answer.ok) throw away(peer)
      return planeStreams.parse(await answer.json()).data
    }),
  )
  return answers.flat()
}

async function asked(c: ServiceContext, peer: PeerAddress, path: string): Promise<Response> {
  const { method } = c.req
  const body = method === 'GET' || method === 'HEAD' ? {} : { body: await c.req.arrayBuffer() }
  const passed = ['authorization', 'content-type', 'traceparent'].flatMap(name => {
    const value = c.req.header(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const headers = { ...Object.fromEntries(passed), [FORWARDED]: '1' }
  try {
    const signal = AbortSignal.timeout(CALL_MS_MAX)
    return await fetch(new URL(path, peer.plane), { method, headers, redirect: 'error', signal, ...body })
  } catch (error) {
    throw away(peer, error)
  }
}

function away({ plane }: PeerAddress, cause?: unknown): Refusal {
  const detail = `The instance that has this show does not answer (${plane}).`
  return new Refusal('service.unavailable', { detail, retryAfterS: UNAVAILABLE_RETRY_S, cause })
}
