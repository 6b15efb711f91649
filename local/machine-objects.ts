import { join } from 'node:path'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import type { UrlSigning } from '#shared/ports/object-store/signed-object-url.ts'
import { objectsSettings } from './settings.ts'

type Options = {
  dataDir: string
  /** Of the directory's URLs; a bucket signs its own. */
  signing: UrlSigning
  env: Readonly<Record<string, string | undefined>>
}

/** An emulator takes any. */
const CREDENTIALS = { accessKeyId: 'emulator', secretAccessKey: 'emulator' }
const REGION = 'us-east-1'

/** The objects of one machine, for control and live alike: a directory, or the bucket of an emulator. */
export function machineObjects({ dataDir, signing, env }: Options): ObjectStore {
  const { endpoint, bucket } = objectsSettings.read(env)
  return endpoint === ''
    ? directoryObjectStore({ directory: join(dataDir, 'objects'), signing })
    : s3ObjectStore({ bucket, region: REGION, credentials: CREDENTIALS, endpoint, now: signing.now })
}
