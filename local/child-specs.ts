import type { localSettings } from './settings.ts'
import type { ChildSpec } from './supervisor/supervised-child.ts'

/** Every port of one machine. */
export type Addresses = { port: number; mediaPort: number; rtmpPort: number; planePort: number; workerPort: number }

export type LocalChild = ChildSpec & { title: string; waitsForPages: boolean }

type Run = ReturnType<typeof localSettings.read>

/**
 * The processes of one machine, in the order a person reads them: control, live, workers, the demo show. `others` tells
 * the services where what they do not hold themselves is to be found.
 */
export function childSpecs(
  addresses: Addresses,
  run: Run,
  pagesDir: string,
  others: Readonly<Record<string, string>> = {},
): readonly LocalChild[] {
  const url = (port: number) => `http://127.0.0.1:${port}`
  const common = { DATA_DIR: run.dataDir, LOG_LEVEL: run.logLevel, CONTROL_URL: url(addresses.port) }
  const control: LocalChild = {
    name: 'control',
    title: 'control: services and database',
    entry: 'local/control.ts',
    waitsForPages: true,
    env: {
      ...common,
      ...others,
      PORT: String(addresses.port),
      PUBLIC_URL: `http://localhost:${addresses.port}`,
      MEDIA_URL: `http://localhost:${addresses.mediaPort}`,
      ORIGIN_URL: url(addresses.mediaPort),
      PLANE_URL: url(addresses.planePort),
      WORKER_URL: url(addresses.workerPort),
      PAGES_DIR: pagesDir,
    },
  }
  const live: LocalChild = {
    name: 'live',
    title: 'live: media plane',
    entry: 'local/live.ts',
    waitsForPages: false,
    env: {
      ...common,
      ...others,
      MEDIA_PORT: String(addresses.mediaPort),
      RTMP_PORT: String(addresses.rtmpPort),
      PLANE_PORT: String(addresses.planePort),
      PUBLIC_URL: url(addresses.port),
      EVENTS_URL: `${url(addresses.port)}/push/media-events--provider`,
    },
  }
  const workers = Array.from({ length: run.workers }, (_, index): LocalChild => {
    const name = index === 0 ? 'worker' : `worker-${index + 1}`
    const shared = run.workers > 1 ? { WORKER_PORT_SHARED: 'on' } : {}
    return {
      name,
      title: `${name}: jobs`,
      entry: 'local/worker.ts',
      waitsForPages: false,
      env: { ...common, ...others, PORT: String(addresses.workerPort), ...shared },
    }
  })
  const demo: LocalChild = {
    name: 'demo',
    title: 'demo: a show on the air',
    entry: 'local/demo.ts',
    waitsForPages: false,
    env: common,
  }
  return [control, live, ...workers, ...(run.demo ? [demo] : [])]
}
