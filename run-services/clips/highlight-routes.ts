import { etagOf } from '#shared/service/etag.ts'
import { pushRoutes } from '#shared/service/push-routes.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import { taskRoutes } from '#shared/service/task-routes.ts'
import { callerOf } from './caller-of.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { clipsContract } from './contract.ts'
import { explainClip } from './explain-clip.ts'
import type { Cutting } from './make-clip.ts'
import { onStreamEvent } from './on-stream-event.ts'
import { pickHighlights } from './pick-highlights.ts'
import { putRules } from './put-rules.ts'
import { rulesOf } from './rules-of.ts'
import { simulateRules } from './simulate-rules.ts'

/** Highlights: rules, what they would pick, why a clip exists, and the picking itself. */
export function highlightRoutes(app: ServiceApp, deps: ClipsDeps, { cutting }: { cutting: Cutting }): void {
  const routes = clipsContract

  app.openapi(routes.getRules, async c => {
    const rules = await rulesOf(deps.database, callerOf(c.get('principal')).id)
    return c.json(rules, 200, { etag: etagOf(rules.version) })
  })

  app.openapi(routes.putRules, async c => {
    const rules = await putRules(deps, c, callerOf(c.get('principal')), c.req.valid('json'))
    return c.json(rules, 200, { etag: etagOf(rules.version) })
  })

  app.openapi(routes.simulateRules, async c =>
    c.json(await simulateRules(deps, callerOf(c.get('principal')), c.req.valid('json')), 200),
  )

  app.openapi(routes.explainClip, async c =>
    c.json(await explainClip(deps.database, c.get('principal'), c.req.valid('param').id), 200),
  )

  pushRoutes(app, 'clips--streams', event => onStreamEvent(deps, event))
  taskRoutes(app, 'pick-highlights', (job, context) => pickHighlights(deps, cutting, job, context), deps)
}
