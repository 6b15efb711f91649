import { status } from '@grpc/grpc-js'
import { answered, fakeConnection, googleService, Refused, serveGoogleService } from './google-service.ts'

/** Stands for Secret Manager, of which no emulator exists; it serves the one verb that the product uses. */
export type SecretManagerFake = AsyncDisposable & {
  /** `127.0.0.1:<port>`. */
  readonly address: string
  /** How Google's own client reaches it. */
  readonly connection: ReturnType<typeof fakeConnection>
  /** Every version that was asked for, by its whole name. */
  readonly read: string[]
}

const LATEST = '/versions/latest'

/**
 * Serves the newest version of each secret, by `projects/<project>/secrets/<name>`. Nobody could check here who may read
 * which, nor the other verbs, which answer UNIMPLEMENTED.
 */
export async function startSecretManagerFake(values: ReadonlyMap<string, Uint8Array>): Promise<SecretManagerFake> {
  const service = googleService(
    '@google-cloud/secret-manager',
    'google/cloud/secretmanager/v1/service.proto',
    'google.cloud.secretmanager.v1.SecretManagerService',
  )
  const read: string[] = []
  const served = await serveGoogleService(service, {
    AccessSecretVersion: answered(({ name }: { name: string }) => {
      read.push(name)
      const secret = name.endsWith(LATEST) ? name.slice(0, -LATEST.length) : name
      const data = values.get(secret)
      if (data === undefined) throw new Refused(status.NOT_FOUND, `Secret [${secret}] not found or has no versions.`)
      return { name: `${secret}/versions/1`, payload: { data } }
    }),
  })
  return {
    address: served.address,
    connection: fakeConnection(served.address),
    read,
    [Symbol.asyncDispose]: async () => await served[Symbol.asyncDispose](),
  }
}
