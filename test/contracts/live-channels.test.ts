import { describe, expect, test } from 'vitest'
import { admitPublisher } from '#run-services/live/plane/admit-publisher.ts'
import { coreBudget } from '#run-services/live/plane/core-budget.ts'
import { keyLockout } from '#run-services/live/plane/key-lockout.ts'
import { planeRoutes } from '#run-services/live/plane/plane-routes.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { planeLiveChannels } from '#shared/ports/live-channels/plane-live-channels.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { createLog } from '#shared/service/log.ts'
import { serviceApp } from '#shared/service/service-app.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { eventually } from '../helpers/eventually.ts'
import { planeRig } from '../helpers/plane-rig.ts'
import { liveChannelsContract, type OpenPlane } from './live-channels.contract.ts'

const log = createLog({ service: 'live', level: 'silent' })
const calls = serviceCalls({ key: new Uint8Array(32).fill(5), issuer: 'test', now: Date.now })

/** The plane's own control API over HTTP, with publishers and media under the test's hand. */
async function openPlane(): Promise<OpenPlane> {
  const parts = new AsyncDisposableStack()
  const rig = parts.use(await planeRig())
  const { records, live: shows, keys, leases, now, journals, clock } = rig
  const drain = new AbortController().signal
  const app = serviceApp({
    service: 'live',
    log,
    drain,
    verifyService: calls.verify,
    verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'Services only.' })),
  })
  planeRoutes(app, {
    records,
    shows,
    now,
    ingest: { rtmp_url: 'rtmp://127.0.0.1:1935/live' },
    parts: {
      recording: async streamId => {
        const journal = journals.get(streamId)
        const count = journal?.segments.length ?? 0
        const state = journal?.closed === true ? ('complete' as const) : ('recording' as const)
        const totals = { segments_produced: count, segments_stored: count, duration_ms: count * 2_000 }
        return journal && { stream_id: streamId, prefix: `play/${streamId}/`, state, ...totals }
      },
      segments: async (streamId, fromSeq, limit) =>
        journals
          .get(streamId)
          ?.segments.filter(({ seq }) => seq >= fromSeq)
          .slice(0, limit),
    },
  })
  const server = await serveHttp({ port: 0, log, name: 'plane', fetch: app.fetch })
  parts.defer(() => server.close())
  const budget = coreBudget(4)
  return {
    live: planeLiveChannels({ url: new URL(server.url), sign: calls.sign }),
    nowMs: now,
    admits: async secret => {
      const admit = admitPublisher({ lockout: keyLockout(now), records, leases, keys, shows, budget, drain, now, log })
      return !('sentence' in (await admit(secret, '127.0.0.1')))
    },
    advance: async ms => {
      clock.ms += ms
      await rig.tick()
    },
    publish: async (ref, keyRef, segments) => {
      const before = rig.encoders.length
      const hand = rig.publisher(ref, keyRef)
      const running = shows.publish(hand.publication)
      await eventually(() => expect(rig.encoders.length).toBe(before + 1))
      rig.shows.at(-1)?.request.events.epochPlayable(1)
      for (let stored = 0; stored < segments; stored += 1) await rig.store1(1)
      return {
        dropped: () => hand.dropped(),
        leave: async () => {
          hand.leave()
          await running
        },
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

// plane-live-channels.ts against run-services/live
describe('planeLiveChannels', () => {
  liveChannelsContract(openPlane)

  test('a plane that is away, or does not accept our calls, is service.unavailable', async () => {
    const away = planeLiveChannels({ url: new URL('http://127.0.0.1:9'), sign: calls.sign })
    await expect(away.listStreams()).rejects.toMatchObject({ code: 'service.unavailable' })
    await using plane = await openPlane()
    expect(await plane.live.listStreams()).toEqual([])
  })

  test('calls that are not signed for the plane change nothing', async () => {
    const app = serviceApp({
      service: 'live',
      log,
      drain: new AbortController().signal,
      verifyService: calls.verify,
      verifyUser: () => Promise.reject(new Refusal('auth.invalid', { detail: 'Services only.' })),
    })
    app.get('/plane/streams', c => c.json({ data: [] }))
    const server = await serveHttp({ port: 0, log, name: 'plane', fetch: app.fetch })
    const wrong = planeLiveChannels({ url: new URL(server.url), sign: (_, caller) => calls.sign('channels', caller) })
    await expect(wrong.listStreams()).rejects.toMatchObject({ code: 'service.unavailable' })
    await server.close()
  })
})
