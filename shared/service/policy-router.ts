import { METHODS, type Result, type Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'
import { SmartRouter } from 'hono/router/smart-router'
import { TrieRouter } from 'hono/router/trie-router'
import type { RoutePolicy } from '#shared/domain/route-policy.ts'

const ANY_METHOD = 'ALL'

/** A router that takes only routes with a row in the policy, and says which row a request falls under. */
export interface PolicyRouter<Handler> extends Router<Handler> {
  /** The policy and declared path of the route that answers, or the methods the path would answer to. */
  decide(method: string, path: string): { path: string; policy: RoutePolicy } | { allowed: readonly string[] }
}

/**
 * Routes under a policy: registering a route that the table does not name throws there and then, so an app with an
 * undeclared route does not start. Middleware (`use`) is no route.
 */
export function policyRouter<Handler>(policy: Readonly<Record<string, RoutePolicy>>): PolicyRouter<Handler> {
  const handlers = new SmartRouter<Handler>({ routers: [new RegExpRouter<Handler>(), new TrieRouter<Handler>()] })
  const rows = new SmartRouter<{ path: string; policy: RoutePolicy }>({
    routers: [new RegExpRouter(), new TrieRouter()],
  })
  const declared = new Set<string>()

  function find(method: string, path: string): { path: string; policy: RoutePolicy } | undefined {
    if (declared.size === 0) return undefined
    return rows.match(method, path)[0][0]?.[0]
  }

  return {
    name: 'PolicyRouter',
    add(method, path, handler) {
      handlers.add(method, path, handler)
      if (method === ANY_METHOD && path.endsWith('*')) return
      const name = `${method} ${path}`
      if (declared.has(name)) return
      const row = policy[name]
      if (row === undefined) throw new Error(`The route ${name} has no row in ROUTE_POLICY.`)
      rows.add(method, path, { path, policy: row })
      declared.add(name)
    },
    match(method, path): Result<Handler> {
      return handlers.match(method, path)
    },
    decide(method, path) {
      // HEAD is answered by the GET route, as Hono does it.
      const found = find(method === 'HEAD' ? 'GET' : method, path)
      if (found !== undefined) return found
      const allowed = METHODS.map(name => name.toUpperCase()).filter(name => find(name, path) !== undefined)
      return { allowed }
    },
  }
}
