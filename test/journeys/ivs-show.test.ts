import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChannelAnswer } from '#run-services/channels/channel-answer.ts'
import { reconcileChannels } from '#run-services/channels/reconcile-channels.ts'
import type { CreatedStreamKeyAnswer } from '#run-services/channels/stream-key-answer.ts'
import type { Reply } from '../helpers/channels-service.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { type IvsRig, ivsRig, WORKER_ACCOUNT } from '../helpers/ivs-rig.ts'

const SECONDS = 3
const missing = missingEmulator(motoEmulator)

describe.skipIf(missing !== undefined)(`a show on IVS${missing === undefined ? '' : `: ${missing}`}`, () => {
  let rig: IvsRig
  beforeAll(async () => {
    rig = await ivsRig({ seconds: SECONDS })
  }, 60_000)
  afterAll(async () => await rig?.[Symbol.asyncDispose]())

  test('becomes segments as its objects arrive, and ends with a ledger that is 0 off and a verified archive', async () => {
    const show = await rig.onAir()
    for (let index = 0; index < SECONDS; index += 1) {
      for (const key of await show.record(index)) await show.tell.object(key)
    }
    expect((await show.stream()).playback.hls_url).toMatch(
      /^https:\/\/.+\.playback\.live-video\.net\/api\/video\/v1\/.+\.m3u8$/,
    )
    const segments = await show.segments()
    expect(segments.map(({ data }) => data.segment.seq)).toEqual([0, 1, 2])
    expect(segments[1]?.data.segment).toMatchObject({
      epoch: 1,
      pdt: new Date(Date.parse(show.publisher.startedAt) + 1_000).toISOString(),
      duration_ms: 1_000,
      renditions: [
        { name: '90p30', uri: `${show.recording.prefix}/media/hls/90p30/1.ts`, etag: expect.any(String) },
        { name: '180p30', uri: `${show.recording.prefix}/media/hls/180p30/1.ts`, etag: expect.any(String) },
      ],
    })
    await show.leave()
    expect(await show.stream()).toMatchObject({ state: 'ended' })
    expect(await show.ledger()).toMatchObject({
      produced: 3,
      stored: 3,
      indexed: 3,
      off: 0,
      missing: [],
      complete: true,
    })
    const { hls_url: recorded } = (await show.stream()).playback
    expect(recorded).toBe(`http://media.test:8081/${show.recording.prefix}/media/hls/master.m3u8`)
    expect(await rig.store.head(new URL(recorded).pathname.slice(1))).toBeDefined()
    await archive(rig, show.id)
    expect(await show.stream()).toMatchObject({ state: 'archived', archive: { segments: 3, lost: [] } })
  })

  test('has one key: a rotation ends the old one at once, whatever grace was asked for, and says so', async () => {
    const call = rig.service.as('bob')
    const { body: channel } = (await call('POST', '/v1/channels', { title: 'Keys' })) as Reply<ChannelAnswer>
    const path = `/v1/channels/${channel.id}/stream-keys`
    const { body: key } = (await call('POST', path, {})) as Reply<CreatedStreamKeyAnswer>
    const onAir = rig.fake.goLive(key.secret)
    const rotated = (await call('POST', `${path}/${key.id}/rotate`, { grace_s: 60 })) as Reply<CreatedStreamKeyAnswer>
    expect([rig.fake.admits(key.secret), rig.fake.admits(rotated.body.secret)]).toEqual([false, true])
    expect(onAir.over()).toBe('stopped')
    const { data } = (await call('GET', path)).body as KeyStates
    expect(data.map(({ state }) => state)).toEqual(['revoked', 'revoked', 'active'])
  })

  test('of which every object report is lost or doubled is made good by asking, once', async () => {
    const show = await rig.onAir()
    await show.record(0)
    await show.record(1)
    await reconcileChannels(rig.service.deps, new Map())
    expect((await show.segments()).map(({ data }) => data.segment.seq)).toEqual([0, 1])
    const keys = await show.record(2)
    for (const key of [...keys, ...keys.toReversed()]) await show.tell.object(key)
    expect((await show.segments()).map(({ data }) => data.segment.seq)).toEqual([0, 1, 2])
    await show.publisher.leave()
    expect(await show.ledger()).toMatchObject({ off: 0, indexed: 3 })
  })
})

/** Key states of a channel, oldest first, as its owner sees them. */
type KeyStates = { data: { state: string }[] }

/** What the bus, SQS and a worker on Spot do once a show has ended. */
async function archive(rig: IvsRig, streamId: string): Promise<void> {
  const { service } = rig
  const ended = (await service.events(streamId)).find(({ type }) => type === 'stream.ended')
  if (ended === undefined) throw new Error('The show did not end.')
  expect(await service.push('channels--streams', ended)).toBe(204)
  const wake = service.wakes.findLast(({ queue }) => queue === 'archive-stream')
  if (wake === undefined) throw new Error('Nobody was woken.')
  await using worker = await rig.worker({ channels: service.app }, ['archive-stream'])
  await worker.wake(wake)
  await eventually(
    async () => (await service.events(streamId)).map(({ type }) => type),
    types => expect(types, worker.output()).toContain('stream.archived'),
    { withinMs: 30_000 },
  )
  expect(worker.signed).not.toHaveLength(0)
  for (const signed of worker.signed) expect(signed).toEqual({ account: WORKER_ACCOUNT, audience: 'channels' })
}
