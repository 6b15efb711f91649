import { SecretManagerServiceClient } from '@google-cloud/secret-manager'
import { type AuthClient, GoogleAuth } from 'google-auth-library'
import { guardedCall } from '#shared/service/guarded-call.ts'
import type { SecretName, Secrets } from './secrets.ts'

/** How the client of Google's library reaches the service; empty for the service itself. */
export type SecretManagerConnection = NonNullable<ConstructorParameters<typeof SecretManagerServiceClient>[0]>

export type SecretManagerOptions = {
  projectId: string
  /** What the deployment puts before the names of its secrets; nothing unless told. */
  prefix?: string
  connection?: SecretManagerConnection
  /** Who asks; the machine's own account unless told otherwise. */
  authClient?: AuthClient
}

/** The shortest secret taken, in bytes. */
const SECRET_BYTES_MIN = 32
/** Longest one call may take, in ms, and how often it is made again. */
const CALL_MS_MAX = 5_000
const RETRIES = 2
/**
 * Secrets of Google Secret Manager, each the newest version when it is first asked for; the deployment makes them and
 * says who may read which. A process keeps what it has read, so a new version counts from its next start.
 */
export function secretManagerSecrets(options: SecretManagerOptions): Secrets & AsyncDisposable {
  const { projectId, prefix = '', connection, authClient } = options
  const auth = authClient === undefined ? {} : { auth: new GoogleAuth({ authClient, projectId }) }
  const client = new SecretManagerServiceClient({ projectId, ...auth, ...connection })
  const guarded = guardedCall({ name: 'Secret Manager', timeoutMs: CALL_MS_MAX, retries: RETRIES })
  const known = new Map<SecretName, Promise<Uint8Array>>()

  const read = async (secret: SecretName): Promise<Uint8Array> => {
    const name = `projects/${projectId}/secrets/${prefix}${secret}/versions/latest`
    // The library's own retries would go on after the time is over.
    const [version] = await guarded(
      async () => await client.accessSecretVersion({ name }, { timeout: CALL_MS_MAX, retry: null }),
    )
    const bytes = new Uint8Array(Buffer.from(version.payload?.data ?? ''))
    if (bytes.byteLength < SECRET_BYTES_MIN)
      throw new Error(`The secret ${secret} is shorter than ${SECRET_BYTES_MIN} bytes.`)
    return bytes
  }

  return {
    async get(name) {
      const found = known.get(name) ?? read(name)
      known.set(name, found)
      // A failed read is tried again by the next caller.
      found.catch(() => known.delete(name))
      return new Uint8Array(await found)
    },
    async [Symbol.asyncDispose]() {
      await client.close()
    },
  }
}
