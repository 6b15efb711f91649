import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { serveHttp } from '#shared/service/http-server.ts'
import { createLog } from '#shared/service/log.ts'

const URL_S = 600

/** An object store whose signed URLs are answered over HTTP, as a worker meets it. */
export type SignedStore = AsyncDisposable & {
  store: ObjectStore
  /** Keys that were put through a URL, in order. */
  puts: readonly string[]
  /** Called before a PUT is answered; a thrown error cuts the answer. */
  onPut: (key: string) => void | Promise<void>
  get(key: string): Promise<string>
  put(key: string, contentType: string): Promise<string>
  /** The object's bytes. */
  read(key: string): Promise<Buffer>
}

export async function signedStore(): Promise<SignedStore> {
  const directory = mkdtempSync(join(tmpdir(), 'showreel-signed-'))
  const signing = { key: new Uint8Array(32), baseUrl: 'http://127.0.0.1/objects', now: Date.now }
  const store = directoryObjectStore({ directory, signing })
  const handle = signedObjectHandler(store, signing)
  const puts: string[] = []
  const log = createLog({ service: 'signed-store', level: 'fatal' })
  const hooks: Pick<SignedStore, 'onPut'> = { onPut: () => undefined }
  const server = await serveHttp({
    port: 0,
    log,
    name: 'objects',
    fetch: async request => {
      if (request.method === 'PUT') {
        const key = new URL(request.url).pathname.replace('/objects/', '')
        await hooks.onPut(key)
        puts.push(key)
      }
      return handle(request)
    },
  })
  const signed = async (options: Parameters<ObjectStore['sign']>[0]): Promise<string> =>
    (await store.sign(options)).replace('http://127.0.0.1/', new URL('/', server.url).href)
  return Object.assign(hooks, {
    store,
    puts,
    get: (key: string) => signed({ method: 'GET', key, expiresInS: URL_S }),
    put: (key: string, contentType: string) => signed({ method: 'PUT', key, contentType, expiresInS: URL_S }),
    read: async (key: string) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of (await store.get(key))?.body ?? []) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  })
}

/** The digest of some bytes as rows have it. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
