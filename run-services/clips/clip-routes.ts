import { etagOf } from '#shared/service/etag.ts'
import { idempotency } from '#shared/service/idempotency.ts'
import type { PageCursors } from '#shared/service/page-cursor.ts'
import type { ServiceApp, ServiceContext } from '#shared/service/service-app.ts'
import type { NamedClipRow } from './clip-queries.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { clipsContract } from './contract.ts'
import { createClip } from './create-clip.ts'
import { deleteClip } from './delete-clip.ts'
import { followClip } from './follow-clip.ts'
import { listClips } from './list-clips.ts'
import type { Cutting } from './make-clip.ts'
import { visibleClip } from './own-clip.ts'
import { patchClip } from './patch-clip.ts'
import { presentClip } from './present-clip.ts'
import { publishClip, unpublishClip } from './publish-clip.ts'

export type ClipRouteParts = { cutting: Cutting; cursors: PageCursors; drain: AbortSignal }

/** Clips: made, listed, changed, published and followed. */
export function clipRoutes(app: ServiceApp, deps: ClipsDeps, parts: ClipRouteParts): void {
  const routes = clipsContract
  const once = idempotency({ database: deps.database, sealingKey: deps.keys.sealing, now: deps.now })

  app.openapi({ ...routes.createClip, middleware: once }, async c => {
    const principal = c.get('principal')
    const body = c.req.valid('json')
    const clip = await createClip(deps, parts.cutting, principal, body, c.get('idempotencyToken'))
    const headers = { location: `/v1/clips/${clip.clip_id}`, etag: etagOf(clip.version) }
    return c.json(await presentClip(deps, principal, clip), 201, headers)
  })

  app.openapi(routes.listClips, async c =>
    c.json(await listClips(deps, parts.cursors, c.get('principal'), c.req.valid('query')), 200),
  )

  app.openapi(routes.getClip, async c => {
    const clip = await visibleClip(deps.database, c.get('principal'), c.req.valid('param').id)
    return c.json(await presentClip(deps, c.get('principal'), clip), 200, { etag: etagOf(clip.version) })
  })

  changeRoutes(app, deps, parts)

  app.openapi(routes.followClip, async c => {
    return followClip(deps, c, c.get('principal'), c.req.valid('param').id, parts.drain)
  })
}

function changeRoutes(app: ServiceApp, deps: ClipsDeps, { cutting }: ClipRouteParts): void {
  const routes = clipsContract
  const told = async (c: ServiceContext, clip: NamedClipRow) => presentClip(deps, c.get('principal'), clip)

  app.openapi(routes.patchClip, async c => {
    const { id } = c.req.valid('param')
    const clip = await patchClip(deps, cutting, c, c.get('principal'), id, c.req.valid('json'))
    return c.json(await told(c, clip), 200, { etag: etagOf(clip.version) })
  })

  app.openapi(routes.deleteClip, async c => {
    await deleteClip(deps, c.get('principal'), c.req.valid('param').id)
    return c.body(null, 204)
  })

  app.openapi(routes.publishClip, async c => {
    const { id } = c.req.valid('param')
    await publishClip(deps, c.get('principal'), id)
    return c.json(await told(c, await visibleClip(deps.database, c.get('principal'), id)), 200)
  })

  app.openapi(routes.unpublishClip, async c => {
    const { id } = c.req.valid('param')
    await unpublishClip(deps, c.get('principal'), id)
    return c.json(await told(c, await visibleClip(deps.database, c.get('principal'), id)), 200)
  })
}
