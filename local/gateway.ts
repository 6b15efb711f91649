import { serviceBehind } from '#shared/domain/front-door.ts'
import type { ControlServices } from './control-services.ts'

type Fetch = (request: Request, env?: object) => Response | Promise<Response>

/** Paths that the process itself answers, whatever service lies behind the rest. */
const OPERATIONS = /^\/(?:healthz|readyz|metrics|openapi\.json|docs(?:\/|$)|dev\/|\.well-known\/)/u

/** The one front door of one machine: each path to the service that the topology's front door names. */
export function gateway(services: ControlServices, objects: (request: Request) => Promise<Response>): Fetch {
  const apps: Record<ReturnType<typeof serviceBehind>, Fetch> = {
    canaries: services.canaries.fetch,
    channels: services.channels.fetch,
    clips: services.clips.fetch,
    feed: services.feed.fetch,
    'media-events': services.mediaEvents.fetch,
    web: services.web.fetch,
  }
  return (request, env) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/objects/')) return objects(request)
    if (OPERATIONS.test(pathname)) return services.operations.fetch(request, env)
    return apps[serviceBehind(pathname)](request, env)
  }
}
