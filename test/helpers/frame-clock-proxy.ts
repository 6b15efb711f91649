import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Transform, type TransformCallback } from 'node:stream'

export type ShapedProxy = AsyncDisposable & {
  readonly port: number
  /** The same URL through this proxy. */
  through(url: string): string
  /** Limits every connection together to this many bytes a second from now on; undefined lifts the limit. */
  limit(bytesPerSecond: number | undefined): void
}

export type ShapedProxyOptions = {
  /** Time a byte takes each way, in ms. */
  delayMs?: number
  bytesPerSecond?: number
}

/** Pieces a limited connection is served in, in bytes. */
const PIECE_BYTES = 8_192

/** Hands bytes on after a fixed time, in order; holds at most what arrives within it. */
function delayed(delayMs: number): Transform {
  let held = 0
  let whenEmpty: (() => void) | undefined
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      held += 1
      setTimeout(() => {
        stream.push(chunk)
        held -= 1
        if (held === 0) whenEmpty?.()
      }, delayMs)
      done()
    },
    flush(done: TransformCallback) {
      if (held === 0) done()
      else whenEmpty = done
    },
  })
  return stream
}

/** Lets bytes through at the rate all connections share. */
function limited(bucket: { rate: number | undefined; freeAtMs: number }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const next = (from: number): void => {
        const { rate } = bucket
        if (rate === undefined || from >= chunk.length) {
          done(null, from === 0 ? chunk : chunk.subarray(from))
          return
        }
        const piece = chunk.subarray(from, from + PIECE_BYTES)
        const nowMs = performance.now()
        bucket.freeAtMs = Math.max(nowMs, bucket.freeAtMs) + (piece.length / rate) * 1_000
        setTimeout(() => {
          this.push(piece)
          next(from + piece.length)
        }, bucket.freeAtMs - nowMs)
      }
      next(0)
    },
  })
}

/** A TCP proxy to a local port that is far away or narrow; what a viewer's network does. */
export async function shapedProxy(target: string | URL, options: ShapedProxyOptions = {}): Promise<ShapedProxy> {
  const origin = new URL(target)
  const bucket = { rate: options.bytesPerSecond, freeAtMs: 0 }
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect({ host: origin.hostname, port: Number(origin.port), noDelay: true })
    near.setNoDelay(true)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
      socket.on('error', () => undefined)
    }
    const delayMs = options.delayMs ?? 0
    near.pipe(delayed(delayMs)).pipe(far)
    far.pipe(limited(bucket)).pipe(delayed(delayMs)).pipe(near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    through: url => {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(port)
      return changed.href
    },
    limit: bytesPerSecond => {
      bucket.rate = bytesPerSecond
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
