import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { s3ObjectStore } from '#shared/ports/object-store/s3-object-store.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { MOTO_CREDENTIALS, MOTO_REGION, motoBucket } from '../helpers/emulators/moto-bucket.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { ended, heldTranscoder } from '../helpers/held-transcoder.ts'
import { SMALL, sourceBytes, transcoderRig } from '../helpers/transcoder-rig.ts'
import { transcoderContract } from './transcoder.contract.ts'

const missing = missingEmulator(motoEmulator)

// ffmpeg-transcoder.ts where the media lie in a bucket, as they do for workers in the cloud
describe.skipIf(missing !== undefined)(`ffmpegTranscoder on S3${missing === undefined ? '' : `: ${missing}`}`, () => {
  let moto: EmulatorProcess
  let source: Buffer
  const stores: (ObjectStore & Disposable)[] = []
  beforeAll(async () => {
    source = sourceBytes()
    moto = await startEmulator(motoEmulator)
  })
  afterAll(async () => {
    for (const store of stores) store[Symbol.dispose]()
    await moto[Symbol.asyncDispose]()
  })

  /** A rig on a bucket of its own. */
  async function open() {
    const endpoint = `http://${moto.address}`
    const bucket = `encodes-${stores.length}`
    await motoBucket(endpoint, bucket)
    const store = s3ObjectStore({
      bucket,
      region: MOTO_REGION,
      credentials: MOTO_CREDENTIALS,
      endpoint,
      now: Date.now,
    })
    stores.push(store)
    return await transcoderRig(source, store)
  }

  transcoderContract(async () => heldTranscoder(await open()), SMALL)

  test('of two processes that start one job one runs it, and both tell how it went', async () => {
    await using rig = await open()
    const [one, other] = [rig.transcoder({ leaseMs: 2_000 }), rig.transcoder({ leaseMs: 2_000 })]
    const [{ ref }] = await Promise.all([one.start(SMALL), other.start(SMALL)])
    const done = await ended(one, ref)
    expect(done).toMatchObject({ state: 'done', hls: `${SMALL.prefix}${SMALL.jobId}.1/master.m3u8` })
    expect(await other.status(ref)).toEqual(done)
  })
})
