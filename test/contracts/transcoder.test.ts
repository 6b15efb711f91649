import { describe, expect, test } from 'vitest'
import { mediaconvertTranscoder } from '#shared/ports/transcoder/mediaconvert-transcoder.ts'
import {
  MEDIACONVERT_UNCHECKED,
  type MediaconvertFake,
  mediaconvertFake,
} from '../helpers/emulators/mediaconvert-fake.ts'
import { unrulyProxy } from '../helpers/emulators/unruly-proxy.ts'
import { type OpenTranscoder, SPEC, transcoderContract } from './transcoder.contract.ts'

const ACCOUNT = '123456789012'

async function open(
  endpointOf = (fake: MediaconvertFake) => fake.url,
): Promise<OpenTranscoder & { fake: MediaconvertFake }> {
  const fake = await mediaconvertFake()
  const transcoder = mediaconvertTranscoder({
    region: 'us-east-1',
    credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
    endpoint: endpointOf(fake),
    bucket: 'showreel-media',
    roleArn: `arn:aws:iam::${ACCOUNT}:role/media-convert`,
    queueArn: `arn:aws:mediaconvert:us-east-1:${ACCOUNT}:queues/vod`,
  })
  return {
    fake,
    transcoder,
    progress: async ref => {
      fake.set(ref, { status: 'PROGRESSING', jobPercentComplete: 42 })
      return 42
    },
    finish: async ref => fake.set(ref, { status: 'COMPLETE' }),
    fail: async ref => {
      fake.set(ref, { status: 'ERROR', errorCode: 1040, errorMessage: 'Error opening the input file.' })
      return { code: '1040', message: 'Error opening the input file.' }
    },
    [Symbol.asyncDispose]: async () => {
      transcoder[Symbol.dispose]()
      await fake[Symbol.asyncDispose]()
    },
  }
}

// mediaconvert-transcoder.ts on a fake made from the SDK's own model
describe(`mediaconvertTranscoder (unchecked without an account: ${MEDIACONVERT_UNCHECKED.length} things, named in mediaconvert-fake.ts)`, () => {
  transcoderContract(open)

  test('a job is one CMAF group with both manifests, its rungs cut alike, and carries our job’s id', async () => {
    await using at = await open()
    await at.transcoder.start(SPEC)
    const { input } = at.fake.calls[0] ?? {}
    expect(input).toMatchObject({
      clientRequestToken: SPEC.jobId,
      userMetadata: { job_id: SPEC.jobId },
      settings: {
        inputs: [{ fileInput: 's3://showreel-media/uploads/upld_1/source' }],
        outputGroups: [
          {
            outputGroupSettings: {
              cmafGroupSettings: {
                destination: 's3://showreel-media/play/asst_1/v1/master',
                writeHlsManifest: 'ENABLED',
                writeDashManifest: 'ENABLED',
                segmentLength: 6,
              },
            },
            outputs: [{ nameModifier: '_720p' }, { nameModifier: '_360p' }, { nameModifier: '_sound' }],
          },
        ],
      },
    })
  })

  test('the fake refuses what the model lacks, however deep, and what it requires', async () => {
    await using at = await open()
    await at.transcoder.start(SPEC)
    const { input } = at.fake.calls[0] ?? {}
    const post = async (body: object) => {
      const answer = await fetch(`${at.fake.url}/2017-08-29/jobs`, { method: 'POST', body: JSON.stringify(body) })
      return ((await answer.json()) as { message?: string }).message
    }
    const { settings: _left, ...without } = input ?? {}
    expect(await post(without)).toBe('Members that are required: settings.')
    const groups = [{ outputs: [{ nameModifier: 'x', nameModifierr: 'x' }] }]
    expect(await post({ ...input, settings: { outputGroups: groups } })).toBe(
      'Unknown members: .settings.outputGroups[0].outputs[0].nameModifierr.',
    )
  })

  test('throttled calls are made again, and what stays throttled ends in a clear state', async () => {
    await using at = await open()
    await using proxy = await unrulyProxy(at.fake.url)
    await using slow = await open(() => proxy.url)
    const { ref } = await at.transcoder.start(SPEC)
    proxy.throttle(2)
    expect(await slow.transcoder.status(ref)).toMatchObject({ state: 'submitted' })
    proxy.throttle(1_000)
    await expect(slow.transcoder.status(ref)).rejects.toMatchObject({ code: 'service.unavailable' })
  })
})
