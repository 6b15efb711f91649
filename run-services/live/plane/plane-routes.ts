import { createRoute, z } from '@hono/zod-openapi'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { Clock } from '#shared/domain/clock.ts'
import {
  PLANE_PATHS,
  PLANE_SEGMENTS_MAX,
  planeChannelSettings,
  planeCreateChannel,
  planeCreateKey,
  planeDeleteKeyQuery,
  planePutMetadata,
  planeSegmentsQuery,
} from '#shared/domain/plane-api.ts'
import type { PlaneChannel, PlaneStream } from '#shared/domain/plane-api.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import type { ChannelRecord, ChannelRecords } from './channel-records.ts'
import type { ChannelLeases } from './channel-leases.ts'
import { describeStream } from './describe-stream.ts'
import { forwardCalls, streamsElsewhere } from './forward-calls.ts'
import type { LiveShows } from './live-shows.ts'
import { METADATA_PER_SECOND_MAX, metadataRate } from './metadata-rate.ts'
import type { PlaneParts } from './plane-parts.ts'
import type { ShowPlaces } from './show-places.ts'

type RouteDeps = {
  records: ChannelRecords
  shows: LiveShows
  parts: Pick<PlaneParts, 'recording' | 'segments'>
  /** Where publishers send to, for every door there is. */
  ingest: PlaneChannel['ingest']
  /** Of a plane with several instances: who has which show. */
  elsewhere?: { places: ShowPlaces; leases: Pick<ChannelLeases, 'holder'> }
  now: Clock
}

/** Bytes of one piece of timed metadata. */
const METADATA_BYTES_MAX = 1024
const RESPONSES = { 200: { description: 'As shared/domain/plane-api.ts has it' } } as const
const NOTHING = { 204: { description: 'Done, or nothing to do' } } as const
const channelParams = z.object({ ref: z.string() })
const json = <Schema extends z.ZodType>(schema: Schema) =>
  ({ content: { 'application/json': { schema } }, required: true }) as const
const pathOf = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}')

/** The plane's control API: channels, keys, streams and recordings, for signed calls of our services only. */
export function planeRoutes(app: ServiceApp, deps: RouteDeps): void {
  const { elsewhere, shows } = deps
  if (elsewhere !== undefined) {
    forwardCalls(app, { leases: elsewhere.leases, isHere: ref => shows.slots.get(ref)?.show !== undefined })
  }
  channelRoutes(app, deps)
  keyRoutes(app, deps)
  streamRoutes(app, deps)
  recordingRoutes(app, deps)
}

function channelRoutes(app: ServiceApp, { records, shows, ingest }: RouteDeps): void {
  const told = ({ ref, playback_id }: ChannelRecord): PlaneChannel => ({ ref, playback_id, ingest })
  const path = pathOf(PLANE_PATHS.channel)
  app.openapi(
    createRoute({
      method: 'post',
      path: PLANE_PATHS.channels,
      request: { body: json(planeCreateChannel) },
      responses: RESPONSES,
    }),
    async c => {
      const { token, settings } = c.req.valid('json')
      return c.json(told(await records.create(token, settings)), 201)
    },
  )
  app.openapi(createRoute({ method: 'get', path, request: { params: channelParams }, responses: RESPONSES }), async c =>
    c.json(told(await records.get(c.req.valid('param').ref))),
  )
  app.openapi(
    createRoute({
      method: 'put',
      path,
      request: { params: channelParams, body: json(planeChannelSettings) },
      responses: RESPONSES,
    }),
    async c => {
      const { ref } = c.req.valid('param')
      const record = await records.update(ref, c.req.valid('json'))
      if (!record.settings.enabled) await shows.stop(ref, 'channel-disabled')
      return c.json(told(record))
    },
  )
  app.openapi(
    createRoute({ method: 'delete', path, request: { params: channelParams }, responses: NOTHING }),
    async c => {
      const { ref } = c.req.valid('param')
      await shows.stop(ref, 'channel-deleted')
      await records.remove(ref)
      return c.body(null, 204)
    },
  )
}

function keyRoutes(app: ServiceApp, { records, now }: RouteDeps): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: pathOf(PLANE_PATHS.keys),
      request: { params: channelParams, body: json(planeCreateKey) },
      responses: RESPONSES,
    }),
    async c => {
      const { keyRef, secret } = await records.createKey(c.req.valid('param').ref, c.req.valid('json').token)
      return c.json({ key_ref: keyRef, secret }, 201)
    },
  )
  app.openapi(
    createRoute({
      method: 'delete',
      path: pathOf(PLANE_PATHS.key),
      request: { params: channelParams.extend({ keyRef: z.string() }), query: planeDeleteKeyQuery },
      responses: NOTHING,
    }),
    async c => {
      const { ref, keyRef } = c.req.valid('param')
      const { expires_at: expiresAt } = c.req.valid('query')
      await records.expireKey(ref, keyRef, expiresAt === undefined ? now() : Date.parse(expiresAt))
      return c.body(null, 204)
    },
  )
}

function streamRoutes(app: ServiceApp, { shows, elsewhere, now }: RouteDeps): void {
  const path = pathOf(PLANE_PATHS.stream)
  const mayPlace = metadataRate(now)
  app.openapi(createRoute({ method: 'get', path: PLANE_PATHS.streams, responses: RESPONSES }), async c => {
    const streams = [...shows.slots.values()].map(describeStream)
    const here = streams.filter((stream): stream is PlaneStream => stream !== undefined)
    const others = elsewhere === undefined ? [] : await streamsElsewhere(c, elsewhere.places)
    // A show that is moving may be told twice; the one that has it by its lease is not here.
    const moved = new Set(others.map(({ ref }) => ref))
    return c.json({ data: [...here.filter(({ ref }) => !moved.has(ref)), ...others] })
  })
  app.openapi(createRoute({ method: 'get', path, request: { params: channelParams }, responses: RESPONSES }), c => {
    const slot = shows.slots.get(c.req.valid('param').ref)
    const stream = slot === undefined ? undefined : describeStream(slot)
    if (stream === undefined) throw new Refusal('resource.missing', { detail: 'Nothing is on air on this channel.' })
    return c.json(stream)
  })
  app.openapi(
    createRoute({ method: 'delete', path, request: { params: channelParams }, responses: NOTHING }),
    async c => {
      await shows.stop(c.req.valid('param').ref, 'stopped')
      return c.body(null, 204)
    },
  )
  app.openapi(
    createRoute({
      method: 'post',
      path: pathOf(PLANE_PATHS.metadata),
      request: { params: channelParams, body: json(planePutMetadata) },
      responses: RESPONSES,
    }),
    c => {
      const { ref } = c.req.valid('param')
      const { payload } = c.req.valid('json')
      if (Buffer.byteLength(payload) > METADATA_BYTES_MAX) {
        throw new Refusal('cue.too-large', { detail: `Metadata is at most ${METADATA_BYTES_MAX} bytes.` })
      }
      const slot = shows.slots.get(ref)
      if (slot?.show === undefined || slot.connection === undefined) {
        throw new Refusal('stream.not-live', { detail: 'Metadata needs a publisher that is on.' })
      }
      if (!mayPlace(ref)) {
        const detail = `A channel takes ${METADATA_PER_SECOND_MAX} pieces of metadata a second.`
        throw new Refusal('request.rate-limited', { detail, retryAfterS: 1 })
      }
      return c.json({ placed_at: rfc3339(slot.show.show.placeCue(payload)) })
    },
  )
}

function recordingRoutes(app: ServiceApp, { parts }: RouteDeps): void {
  const params = z.object({ streamId: z.string().regex(/^play_[a-z2-7]{26}$/) })
  const missing = () => new Refusal('resource.missing', { detail: 'There is no recording of this stream.' })
  app.openapi(
    createRoute({ method: 'get', path: pathOf(PLANE_PATHS.recording), request: { params }, responses: RESPONSES }),
    async c => {
      const recording = await parts.recording(c.req.valid('param').streamId)
      if (recording === undefined) throw missing()
      return c.json(recording)
    },
  )
  app.openapi(
    createRoute({
      method: 'get',
      path: pathOf(PLANE_PATHS.segments),
      request: { params, query: planeSegmentsQuery },
      responses: RESPONSES,
    }),
    async c => {
      const { from_seq: fromSeq } = c.req.valid('query')
      const data = await parts.segments(c.req.valid('param').streamId, fromSeq, PLANE_SEGMENTS_MAX)
      if (data === undefined) throw missing()
      return c.json({ data })
    },
  )
}
