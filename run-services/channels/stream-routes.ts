import type { TypedResponse } from 'hono'
import { commitOnce } from '#shared/service/commit-once.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { addMarker } from './add-marker.ts'
import type { RouteParts } from './channel-routes.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { completeStream } from './complete-stream.ts'
import { channelsContract } from './contract.ts'
import { getStream } from './get-stream.ts'
import { listMarkers } from './list-markers.ts'
import { listStreams } from './list-streams.ts'
import { sendCue } from './send-cue.ts'
import type { MarkerAnswer } from './stream-answer.ts'
import { streamHealth } from './stream-health.ts'
import { streamLedger } from './stream-ledger.ts'
import { streamTimeline } from './stream-timeline.ts'

/** Shows: on the air and afterwards. */
export function streamRoutes(app: ServiceApp, deps: ChannelsDeps, { cursors, once, series }: RouteParts): void {
  const routes = channelsContract

  app.openapi(routes.listStreams, async c => c.json(await listStreams(deps, cursors, c.req.valid('query')), 200))

  app.openapi(routes.getStream, async c => c.json(await getStream(deps, c.req.valid('param').id), 200))

  app.openapi(routes.completeStream, async c => {
    const { id } = c.req.valid('param')
    await completeStream(deps, c.get('principal'), id)
    return c.json(await getStream(deps, id), 200)
  })

  app.openapi(routes.getStreamHealth, async c =>
    c.json(await streamHealth(deps, series, c.get('principal'), c.req.valid('param').id), 200),
  )

  app.openapi(routes.getStreamLedger, async c =>
    c.json(await streamLedger(deps, c.get('principal'), c.req.valid('param').id), 200),
  )

  app.openapi(routes.getStreamTimeline, async c =>
    c.json(await streamTimeline(deps, cursors, c.req.valid('param').id, c.req.valid('query')), 200),
  )

  app.openapi({ ...routes.sendCue, middleware: once }, async c => {
    const { id } = c.req.valid('param')
    return c.json(await sendCue(deps, c.get('principal'), id, c.req.valid('json'), c.get('idempotencyToken')), 201)
  })

  markerRoutes(app, deps, cursors)
}

function markerRoutes(app: ServiceApp, deps: ChannelsDeps, cursors: RouteParts['cursors']): void {
  const routes = channelsContract
  const commit = commitOnce({ database: deps.database, sealingKey: deps.keys.sealing, now: deps.now })

  app.openapi(routes.addMarker, async c => {
    const { id } = c.req.valid('param')
    const body = c.req.valid('json')
    const answer = await commit(c, async tx => ({
      status: 201,
      body: await addMarker(tx, deps, c.get('principal'), id, body),
    }))
    return answer as Response & TypedResponse<MarkerAnswer, 201, 'json'>
  })

  app.openapi(routes.listMarkers, async c =>
    c.json(await listMarkers(deps, cursors, c.req.valid('param').id, c.req.valid('query')), 200),
  )
}
