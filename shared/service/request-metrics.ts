import { histogram } from './telemetry.ts'

const MS_PER_S = 1000

/** Records how long requests took, by route, method and class of status. */
export function requestMetrics(): (method: string, route: string, status: number, ms: number) => void {
  const seconds = histogram('http_server_request_duration_seconds', 'Time to answer a request', 's')
  return (method, route, status, ms) => {
    seconds.record(ms / MS_PER_S, { method, route, status: `${Math.floor(status / 100)}xx` })
  }
}
