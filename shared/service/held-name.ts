import { createHash, randomBytes } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A name one process of this machine holds; disposing frees it, and so does the death of the process. */
export type HeldName = AsyncDisposable

export type HoldOutcome = { held: HeldName } | { holder: string }

/** How long the holder may take to say who it is, in ms. */
const WHO_MS = 500

/**
 * Takes a name for this process alone, or tells who holds it (`pid 123`).
 *
 * On Linux it is an abstract unix socket, which the kernel frees with its process, however that dies. Elsewhere it is a
 * socket file whose holder is asked whether it lives; there two processes that find the same dead file in the same
 * instant may both believe they took it over.
 */
export async function holdName(name: string): Promise<HoldOutcome> {
  const address = addressOf(name)
  try {
    return { held: await bind(address) }
  } catch (error) {
    if (!inUse(error)) throw error
  }
  const holder = await ask(address)
  if (holder !== undefined) return { holder }
  if (!isAbstract(address)) rmSync(address, { force: true })
  try {
    return { held: await bind(address) }
  } catch (error) {
    if (!inUse(error)) throw error
    return { holder: 'another process' }
  }
}

/** Waits for the name; its holder's socket closing is the wake-up. Rejects when the signal aborts. */
export async function awaitName(name: string, signal: AbortSignal): Promise<HeldName> {
  const address = addressOf(name)
  for (;;) {
    signal.throwIfAborted()
    const outcome = await holdName(name)
    if ('held' in outcome) return outcome.held
    await closed(address, signal)
  }
}

/** One name for one directory, whichever way its path is written. */
export function directoryName(purpose: string, directory: string): string {
  return `showreel-${purpose}-${createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 24)}`
}

function addressOf(name: string): string {
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

function isAbstract(address: string): boolean {
  return address.startsWith('\0')
}

function inUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

async function bind(address: string): Promise<HeldName> {
  const guests = new Set<Socket>()
  const server: Server = createServer(socket => {
    guests.add(socket)
    socket.on('close', () => guests.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.unref()
    socket.write(`pid ${process.pid}\n`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.unref()
  return {
    async [Symbol.asyncDispose]() {
      const down = new Promise<void>(resolve => server.close(() => resolve()))
      for (const guest of guests) guest.destroy()
      await down
    },
  }
}

/** What the holder says of itself; undefined when nobody listens any more. */
async function ask(address: string): Promise<string | undefined> {
  return await new Promise(resolve => {
    const socket = createConnection(address)
    const answer = (text: string | undefined): void => {
      resolve(text)
      socket.destroy()
    }
    socket.setTimeout(WHO_MS, () => answer('a process that does not answer'))
    socket.once('data', data => answer(data.toString('utf8').trim()))
    socket.once('error', () => answer(undefined))
    socket.once('end', () => answer(undefined))
  })
}

async function closed(address: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>(resolve => {
    const socket = createConnection(address)
    const done = (): void => {
      socket.destroy()
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    socket.resume()
    socket.once('error', done)
    socket.once('close', done)
  })
}

/** A name no other process can have chosen. */
export function privateName(): string {
  return `${process.pid}-${randomBytes(6).toString('hex')}`
}
