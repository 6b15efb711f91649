import type { RequestListener } from 'node:http'
import { serveHttp } from '#shared/service/http-server.ts'
import type { Lifetime } from '#shared/service/lifetime.ts'
import type { Log } from '#shared/service/log.ts'
import type { Live } from './app.ts'
import { rtmpDoor } from './ingest/rtmp-door.ts'
import { plainPortError } from './plane/plain-port-error.ts'
import type { LiveSettings } from './settings.ts'

/** Of the 8 s a drain may take: letting publishers go and telling events, then answering what still runs. */
const END_MS = 6_000
const SERVERS_DRAIN_MS = 1_000

type ServeDeps = {
  live: Live
  origin: RequestListener
  settings: Omit<LiveSettings, 'owner'>
  log: Log
  life: Lifetime
}

/** Opens the doors: viewers, control API, publishers; the last only once earlier shows are taken up. Gives the ports. */
export async function serveLive({ live, origin, settings, log, life }: ServeDeps): Promise<Record<string, number>> {
  const { host, planeHost } = settings
  const media = await serveHttp({
    listener: origin,
    port: settings.mediaPort,
    host,
    log,
    name: 'media',
    setting: 'MEDIA_PORT',
  })
  const plane = await serveHttp({
    fetch: request => live.app.fetch(request),
    port: settings.planePort,
    host: planeHost,
    log,
    name: 'the media plane',
    setting: 'PLANE_PORT',
  })
  const door = await rtmpDoor({
    port: settings.rtmpPort,
    host,
    admit: (streamKey, address) => live.admit(streamKey, address),
    onPublication: publication => live.publish(publication),
    log,
  }).catch(plainPortError(settings.rtmpPort, 'RTMP', 'RTMP_PORT'))
  await live.start()

  life.onDrain(async () => void (await Promise.all([plane.drain(SERVERS_DRAIN_MS), media.drain(SERVERS_DRAIN_MS)])))
  life.onDrain(() => door.close())
  life.onDrain(() => live.end(END_MS))
  life.onDrain(() => door.stopAccepting())
  return { plane: plane.port, media: media.port, rtmp: door.port }
}
