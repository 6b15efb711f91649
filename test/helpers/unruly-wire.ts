import { connect, createServer, type Socket } from 'node:net'
import { pause } from '#shared/service/pause.ts'

/** A TCP port before a server, that can fail as a network does. */
export type UnrulyWire = AsyncDisposable & {
  readonly port: number
  /** Bytes pass; they pass after so many ms; they go nowhere, and nobody is told; connections break, none is made. */
  behave(how: 'pass' | { lateMs: number } | 'swallow' | 'break'): void
}

/** Puts a port before a server at that socket path or port. */
export async function unrulyWire(to: { path: string } | { port: number }): Promise<UnrulyWire> {
  let how: Parameters<UnrulyWire['behave']>[0] = 'pass'
  const open = new Set<Socket>()
  const closed = new AbortController()
  const forward = (from: Socket, onto: Socket) => {
    let last = Promise.resolve()
    from.on('data', (bytes: Buffer) => {
      if (how === 'swallow') return
      const lateMs = typeof how === 'object' ? how.lateMs : 0
      // Each waits for the ones before it, so that nothing is overtaken.
      const due = lateMs === 0 ? last : Promise.all([last, pause(lateMs, closed.signal)]).then(() => undefined)
      last = due.then(() => void (onto.destroyed ? undefined : onto.write(bytes)))
    })
    from.on('error', () => onto.destroy())
    from.on('close', () => onto.destroy())
  }
  const server = createServer(near => {
    if (how === 'break') {
      near.destroy()
      return
    }
    const far = connect(to)
    open.add(near)
    near.once('close', () => open.delete(near))
    forward(near, far)
    forward(far, near)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    behave(next) {
      how = next
      if (next === 'break') for (const each of open) each.destroy()
    },
    async [Symbol.asyncDispose]() {
      closed.abort()
      for (const each of open) each.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
