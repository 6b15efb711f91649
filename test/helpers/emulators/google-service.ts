import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type ChannelCredentials,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

/** A service of Google's as its own protocol files declare it; they ship with its client. */
export type GoogleService = ServiceClientConstructor['service']

/** What a verb of a fake throws to be answered with a status of gRPC. */
export class Refused extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

type Call<Request> = { request: Request }
type Answer = (error: { code: number; details: string } | null, value?: object) => void

const SHARED = 'google-gax'

/** Reads the protocol file of a client's package; `service` is the full name. */
export function googleService(packageName: string, proto: string, service: string): GoogleService {
  const entry = fileURLToPath(import.meta.resolve(packageName))
  // What the files of all services share lies in a dependency of the client.
  const shared = createRequire(entry).resolve(SHARED)
  const includeDirs = [entry, shared].map(file => join(packageRoot(file), 'build', 'protos'))
  const loaded = loadSync(proto, { includeDirs, longs: Number, enums: String, defaults: true })
  const found = service
    .split('.')
    .reduce<unknown>((within, name) => (within as Record<string, unknown>)[name], loadPackageDefinition(loaded))
  return (found as ServiceClientConstructor).service
}

/** Serves verbs of a service on a free port; the others answer UNIMPLEMENTED. */
export async function serveGoogleService(
  service: GoogleService,
  verbs: UntypedServiceImplementation,
): Promise<AsyncDisposable & { readonly address: string }> {
  const server = new Server()
  server.addService(service, verbs)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    )
  })
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown()
    },
  }
}

/** One verb: what it returns is the answer, what it throws the status. */
export function answered<Request>(verb: (request: Request) => object) {
  return ({ request }: Call<Request>, answer: Answer): void => {
    try {
      answer(null, verb(request))
    } catch (error) {
      const code = error instanceof Refused ? error.code : status.INTERNAL
      answer({ code, details: error instanceof Error ? error.message : String(error) })
    }
  }
}

/** How Google's own client reaches a fake at the address. */
export function fakeConnection(address: string): { apiEndpoint: string; port: number; sslCreds: ChannelCredentials } {
  const { hostname, port } = new URL(`http://${address}`)
  return { apiEndpoint: hostname, port: Number(port), sslCreds: credentials.createInsecure() }
}

function packageRoot(entry: string): string {
  return entry.slice(0, entry.lastIndexOf(`${join('/', 'build')}/`))
}
