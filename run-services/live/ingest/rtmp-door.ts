import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { randomBytes } from 'node:crypto'
import type { Clock } from '#shared/domain/clock.ts'
import type { Admit, Publication } from '../borders.ts'
import type { IngestLog } from './ingest-log.ts'
import { serveRtmpSocket } from './rtmp-publication.ts'

export type RtmpDoorLimits = {
  /** From the first byte to an accepted `publish`, ms. */
  handshakeMs: number
  /** Silence after which a publisher is gone, ms. */
  idleMs: number
  socketsPerAddress: number
  sockets: number
}

const RTMP_DOOR_LIMITS: RtmpDoorLimits = {
  handshakeMs: 5_000,
  idleMs: 10_000,
  socketsPerAddress: 20,
  sockets: 256,
}

export type RtmpDoorOptions = {
  port: number
  host?: string
  admit: Admit
  /** Takes over an accepted publisher; must read its `tags`. */
  onPublication: (publication: Publication) => void
  log: IngestLog
  limits?: Partial<RtmpDoorLimits>
  now?: Clock
}

export type RtmpDoor = {
  readonly port: number
  /** Takes no new publisher; those that are on stay. */
  stopAccepting(): void
  /** Also disconnects everybody. */
  close(): Promise<void>
}

/** Listens for RTMP publishers; none reaches `onPublication` before `admit` accepted its stream key. */
export async function rtmpDoor(options: RtmpDoorOptions): Promise<RtmpDoor> {
  const limits = { ...RTMP_DOOR_LIMITS, ...options.limits }
  const sockets = new Map<Socket, string>()
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 }, socket => {
    const address = socket.remoteAddress ?? ''
    socket.on('error', () => undefined)
    const sameAddress = [...sockets.values()].filter(other => other === address).length
    if (sockets.size >= limits.sockets || sameAddress >= limits.socketsPerAddress) {
      options.log.warn({ address, open: sockets.size }, 'rtmp: too many connections, one was closed')
      socket.destroy()
      return
    }
    sockets.set(socket, address)
    socket.once('close', () => sockets.delete(socket))
    void serveRtmpSocket(socket, { ...options, limits, address, random: randomBytes, now: options.now ?? Date.now })
  })
  await listening(server, options.port, options.host)
  const closed = new Promise<void>(resolve => server.once('close', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    stopAccepting: () => void server.close(),
    close: () => {
      server.close()
      for (const socket of sockets.keys()) socket.destroy()
      return closed
    },
  }
}

function listening(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host: host ?? '0.0.0.0' }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
