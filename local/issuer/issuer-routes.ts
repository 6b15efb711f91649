import { createRoute, z } from '@hono/zod-openapi'
import { ROLES } from '#shared/domain/route-policy.ts'
import type { ServiceApp } from '#shared/service/service-app.ts'
import type { EmbeddedIssuer } from './embedded-issuer.ts'

const tokenBody = z.strictObject({
  sub: z.string().regex(/^[\w.@-]{1,64}$/u, 'Use 1 to 64 letters, digits and . _ @ -'),
  roles: z.array(z.enum(ROLES)).max(ROLES.length).default(['viewer']),
})

const tokenRoute = createRoute({
  method: 'post',
  path: '/dev/token',
  request: { body: { required: true, content: { 'application/json': { schema: tokenBody } } } },
  responses: {
    200: {
      description: 'A token of this machine',
      content: { 'application/json': { schema: z.object({ token: z.string() }) } },
    },
  },
})

/** `POST /dev/token` and the key set; only one machine has them, a deployment has its identity provider. */
export function issuerRoutes(app: ServiceApp, issuer: EmbeddedIssuer): void {
  app.openapi(tokenRoute, async c => {
    const { sub, roles } = c.req.valid('json')
    return c.json({ token: await issuer.token({ sub, roles }) }, 200)
  })
  app.get('/.well-known/jwks.json', c => c.json(issuer.jwks))
}
