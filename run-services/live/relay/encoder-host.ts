import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { liveLadder } from '#shared/media/ffmpeg-arguments/live-ladder.ts'
import type { Sandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { LIVE_LIMITS } from '#shared/media-sandbox/sandbox-command.ts'
import { spawnSandboxed, type SandboxedProcess } from '#shared/media-sandbox/spawn-sandboxed.ts'
import type { IngestLog } from '../ingest/ingest-log.ts'
import { SocketReader } from '../ingest/socket-reader.ts'
import {
  endFrame,
  mediaFrameHead,
  progressFrame,
  readHello,
  RelayError,
  type RelayEnd,
  type RelayHello,
} from './relay-wire.ts'

/** From connecting to a whole hello, ms. */
const HELLO_MS = 5_000
const PROGRESS_EVERY_MS = 50
/** Also without progress, as a sign of life, ms. */
const ALIVE_EVERY_MS = 1_000
/** Source bytes that may wait in front of the encoder's pipe. */
const INPUT_HIGH_WATER_BYTES = 64 * 1024
/** How long an encoder may take to finish after its source ended, ms. */
const FINISH_MS = 10_000
/** Output that may wait for a slow reader before the encoder is held back, bytes. */
const OUTPUT_HIGH_WATER_BYTES = 1024 * 1024

export type EncoderHostOptions = {
  port: number
  host?: string
  sandbox: Sandbox
  /** Encoders at a time. */
  encoders: number
  log: IngestLog
}

export type EncoderHost = {
  readonly port: number
  /** Process ids of the encoders that run now. */
  readonly running: () => number[]
  close(): Promise<void>
}

/** The encoder's side of the relay wire: every connection is one sandboxed ffmpeg and lives exactly as long. */
export async function encoderHost(options: EncoderHostOptions): Promise<EncoderHost> {
  const sockets = new Set<Socket>()
  const encoders = new Set<SandboxedProcess>()
  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 },
    socket => {
      socket.on('error', () => undefined)
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      void serve(socket, encoders, options)
    },
  )
  await listening(server, options)
  const closed = new Promise<void>(resolve => server.once('close', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    running: () => [...encoders].flatMap(encoder => encoder.pid ?? []),
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all([...encoders].map(encoder => (encoder.kill(), encoder.exited)))
      await closed
    },
  }
}

async function serve(socket: Socket, encoders: Set<SandboxedProcess>, options: EncoderHostOptions): Promise<void> {
  try {
    const asked = await hello(socket)
    if (!asked) return void socket.destroy()
    if (encoders.size >= options.encoders) {
      return sayEnd(socket, {
        reason: 'refused',
        sentence: 'This machine encodes as many shows as it may.',
        stderrTail: '',
      })
    }
    const encoder = spawnSandboxed({
      sandbox: options.sandbox,
      tool: 'ffmpeg',
      args: liveLadder(asked.hello.plan, { skipMs: asked.hello.skipMs }),
      limits: LIVE_LIMITS,
      outputPipes: asked.hello.plan.tracks.length,
    })
    encoders.add(encoder)
    options.log.info({ pid: encoder.pid, tracks: asked.hello.plan.tracks.length }, 'relay: encoder started')
    const end = await runEncoder(socket, encoder, asked.rest)
    encoders.delete(encoder)
    options.log.info({ pid: encoder.pid, reason: end.reason, stderr: end.stderrTail }, 'relay: encoder ended')
    sayEnd(socket, end)
  } catch (error) {
    const sentence = error instanceof RelayError ? error.message : 'The encoder host had a fault.'
    options.log.warn({ err: error }, 'relay: connection failed')
    sayEnd(socket, { reason: 'refused', sentence, stderrTail: '' })
  }
}

async function hello(socket: Socket): Promise<{ hello: RelayHello; rest: Uint8Array } | undefined> {
  const reader = new SocketReader(socket)
  const deadline = performance.now() + HELLO_MS
  let bytes: Uint8Array = new Uint8Array(0)
  for (;;) {
    const more = await reader.read(Math.max(0, deadline - performance.now()))
    if (typeof more === 'string') return undefined
    bytes = Buffer.concat([bytes, more])
    const whole = readHello(bytes)
    if (whole) {
      reader.release()
      return whole
    }
  }
}

async function runEncoder(socket: Socket, encoder: SandboxedProcess, first: Uint8Array): Promise<RelayEnd> {
  let sourceEnded = false
  let finish: NodeJS.Timeout | undefined
  const stopFeeding = feed(socket, encoder, first)
  socket.once('end', () => {
    sourceEnded = true
    encoder.stdin.end()
    finish = setTimeout(() => encoder.kill(), FINISH_MS)
  })
  socket.once('close', () => encoder.kill())
  encoder.outputs.forEach((output, track) => forward(output, track, socket, encoder))
  encoder.stdout.resume()
  const exit = await encoder.exited
  stopFeeding()
  clearTimeout(finish)
  const stderrTail = encoder.stderrTail()
  if (sourceEnded && exit.code === 0) return { reason: 'source-ended', sentence: 'The source ended.', stderrTail }
  const how = exit.signal ?? `exit code ${exit.code}`
  return { reason: 'encoder-died', sentence: `The encoder died (${how}).`, stderrTail }
}

/** Source bytes into the encoder as fast as it takes them, and word of it back. */
function feed(socket: Socket, encoder: SandboxedProcess, first: Uint8Array): () => void {
  let consumed = 0
  let told = -1
  let toldAt = 0
  const give = (bytes: Uint8Array): void => {
    encoder.stdin.write(bytes, error => {
      if (!error) consumed += bytes.byteLength
    })
    if (encoder.stdin.writableLength > INPUT_HIGH_WATER_BYTES) socket.pause()
  }
  const tell = (): void => {
    if (socket.destroyed || (consumed === told && performance.now() - toldAt < ALIVE_EVERY_MS)) return
    told = consumed
    toldAt = performance.now()
    socket.write(progressFrame(consumed))
  }
  const timer = setInterval(tell, PROGRESS_EVERY_MS)
  encoder.stdin.on('drain', () => socket.resume())
  give(first)
  socket.on('data', give)
  return () => {
    clearInterval(timer)
    socket.off('data', give)
    socket.resume()
  }
}

/** One track's bytes as frames; all tracks are held back together while the reader is behind. */
function forward(output: NodeJS.ReadableStream, track: number, socket: Socket, encoder: SandboxedProcess): void {
  output.on('data', (bytes: Buffer) => {
    socket.write(mediaFrameHead(track, bytes.byteLength))
    socket.write(bytes)
    if (socket.writableLength < OUTPUT_HIGH_WATER_BYTES || output.isPaused()) return
    for (const each of encoder.outputs) each.pause()
    socket.once('drain', () => {
      for (const each of encoder.outputs) each.resume()
    })
  })
}

function sayEnd(socket: Socket, end: RelayEnd): void {
  if (socket.destroyed) return
  socket.resume()
  socket.end(endFrame(end), () => socket.destroySoon())
}

function listening(server: Server, options: EncoderHostOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: options.port, host: options.host ?? '127.0.0.1' }, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
