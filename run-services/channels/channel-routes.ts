import type { MiddlewareHandler } from 'hono'
import { etagOf } from '#shared/service/etag.ts'
import type { PageCursors } from '#shared/service/page-cursor.ts'
import type { ServiceApp, ServiceEnv } from '#shared/service/service-app.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { channelsContract } from './contract.ts'
import { createChannel } from './create-channel.ts'
import { createPlaybackToken } from './create-playback-token.ts'
import { createStreamKey } from './create-stream-key.ts'
import { creatorOf } from './creator-of.ts'
import { deleteStreamKey } from './delete-stream-key.ts'
import { getChannel, listChannels } from './get-channel.ts'
import type { HealthSeries } from './health-series.ts'
import { listStreamKeys } from './list-stream-keys.ts'
import { knownChannel, ownChannel } from './own-channel.ts'
import { patchChannel } from './patch-channel.ts'
import { patchMe } from './patch-me.ts'
import { presentCreator } from './present-creator.ts'
import { rotateStreamKey } from './rotate-stream-key.ts'

/** What the routes share. */
export type RouteParts = { cursors: PageCursors; once: MiddlewareHandler<ServiceEnv>; series: HealthSeries }

/** Creators, channels and stream keys. */
export function channelRoutes(app: ServiceApp, deps: ChannelsDeps, { cursors, once }: RouteParts): void {
  const routes = channelsContract

  app.openapi(routes.getMe, async c => {
    const creator = await creatorOf(deps, c.get('principal'))
    return c.json(presentCreator(creator, c.get('principal')), 200, { etag: etagOf(creator.version) })
  })

  app.openapi(routes.patchMe, async c => {
    const creator = await patchMe(deps, c, c.get('principal'), c.req.valid('json'))
    return c.json(presentCreator(creator, c.get('principal')), 200, { etag: etagOf(creator.version) })
  })

  app.openapi({ ...routes.createChannel, middleware: once }, async c => {
    const made = await createChannel(deps, c.get('principal'), c.req.valid('json'), c.get('idempotencyToken'))
    return c.json(made, 201, { location: `/v1/channels/${made.id}` })
  })

  app.openapi(routes.listChannels, async c =>
    c.json(await listChannels(deps, cursors, c.get('principal'), c.req.valid('query')), 200),
  )

  app.openapi(routes.getChannel, async c => {
    const channel = await knownChannel(deps.database, c.req.valid('param').id)
    const answer = await getChannel(deps, c.get('principal'), channel)
    return c.json(answer, 200, { etag: etagOf(channel.version) })
  })

  app.openapi(routes.patchChannel, async c => {
    const principal = c.get('principal')
    const changed = await patchChannel(deps, c, principal, c.req.valid('param').id, c.req.valid('json'))
    return c.json(await getChannel(deps, principal, changed), 200, { etag: etagOf(changed.version) })
  })

  app.openapi({ ...routes.createPlaybackToken, middleware: once }, async c =>
    c.json(await createPlaybackToken(deps, c.get('principal'), c.req.valid('json'), c.get('log')), 201),
  )

  keyRoutes(app, deps, { cursors, once })
}

function keyRoutes(app: ServiceApp, deps: ChannelsDeps, { cursors, once }: Pick<RouteParts, 'cursors' | 'once'>): void {
  const routes = channelsContract

  app.openapi({ ...routes.createStreamKey, middleware: once }, async c => {
    const channel = await ownChannel(deps.database, c.get('principal'), c.req.valid('param').id)
    const { label } = c.req.valid('json')
    return c.json(await createStreamKey(deps, channel, { label }, c.get('idempotencyToken')), 201)
  })

  app.openapi(routes.listStreamKeys, async c => {
    const channel = await ownChannel(deps.database, c.get('principal'), c.req.valid('param').id)
    return c.json(await listStreamKeys(deps, cursors, channel, c.req.valid('query')), 200)
  })

  app.openapi({ ...routes.rotateStreamKey, middleware: once }, async c => {
    const { id, key } = c.req.valid('param')
    const channel = await ownChannel(deps.database, c.get('principal'), id)
    const { grace_s: graceS } = c.req.valid('json')
    return c.json(await rotateStreamKey(deps, channel, key, graceS, c.get('idempotencyToken')), 201)
  })

  app.openapi(routes.deleteStreamKey, async c => {
    const { id, key } = c.req.valid('param')
    const channel = await ownChannel(deps.database, c.get('principal'), id)
    await deleteStreamKey(deps, channel, key)
    return c.body(null, 204)
  })
}
