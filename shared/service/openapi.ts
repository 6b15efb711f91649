import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { OpenAPIHono } from '@hono/zod-openapi'
import { Refusal } from '#shared/domain/refusal.ts'
import { ROUTE_POLICY, type RoutePolicy } from '#shared/domain/route-policy.ts'
import { PROBLEM_TYPE } from './problem.ts'
import type { ServiceApp } from './service-app.ts'

export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

const VERSION = '1.0.0'
const PROBLEM_SCHEMA = {
  type: 'object' as const,
  description: 'A failure, RFC 9457',
  required: ['type', 'title', 'status', 'code', 'request_id', 'retryable'],
  properties: {
    type: { type: 'string' as const, format: 'uri' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    detail: { type: 'string' as const },
    code: { type: 'string' as const, description: 'Stable; what a program looks at' },
    param: { type: 'string' as const, description: 'The field at fault' },
    request_id: { type: 'string' as const },
    retryable: { type: 'boolean' as const, description: 'The same request may succeed later' },
  },
}
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}
const START_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true })\n`
const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Showreel API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<body><main id="api"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`
/** The page's own scripts and styles only; it sets styles on elements, and its icons are data. */
const PAGE_POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

/**
 * One OpenAPI 3.1 document of all the apps' public routes, generated from the schemas that validate them. Who may call
 * what comes from the policy table; every operation may answer a problem.
 */
export function openApiDocument(...apps: readonly ServiceApp[]): OpenApiDocument {
  const merged = new OpenAPIHono()
  for (const app of apps) merged.route('/', app)
  const document = merged.getOpenAPI31Document({
    openapi: '3.1.0',
    info: { title: 'Showreel', version: VERSION, description: 'Live video, and the clips of it.' },
  })
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
    securitySchemes: { user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  }
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item[method]
      if (operation === undefined) continue
      const policy = ROUTE_POLICY[`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`]
      operation.security = securityOf(policy)
      operation.responses = {
        ...operation.responses,
        default: {
          description: 'A problem',
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      }
    }
  }
  return document
}

function securityOf(policy: RoutePolicy | undefined): Record<string, string[]>[] {
  if (policy === undefined || policy.allow === 'service') return []
  if (policy.allow !== 'public') return [{ user: [] }]
  return policy.identify === true ? [{}, { user: [] }] : []
}

/** Serves the document at `/openapi.json` and a page that reads it at `/docs`, with nothing loaded from elsewhere. */
export function docsRoutes(app: ServiceApp, document: () => OpenApiDocument): void {
  let text: string | undefined
  app.get('/openapi.json', c => {
    text ??= JSON.stringify(document())
    return c.body(text, 200, { 'content-type': 'application/json' })
  })
  app.get('/docs', c => {
    c.header('content-security-policy', PAGE_POLICY)
    return c.html(PAGE)
  })
  app.get('/docs/:file', async c => {
    const file = c.req.param('file')
    c.header('cache-control', 'public, max-age=3600')
    if (file === 'start.js') return c.body(START_SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' })
    const type = ASSETS[file]
    if (type === undefined) throw new Refusal('resource.missing', { detail: 'The page has no such file.' })
    const path = fileURLToPath(import.meta.resolve(`swagger-ui-dist/${file}`))
    return c.body(new Uint8Array(await readFile(path)), 200, { 'content-type': type })
  })
}
