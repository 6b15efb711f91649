import { expect, test } from 'vitest'
import { creatorClient, publishUrl } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startPlatform } from '../helpers/platform.ts'
import { currentSize } from '../helpers/size.ts'

const WITHIN = { withinMs: 90_000 }
/** Every place between begin and publish where the control process can die; `npm test` takes the two around the bus. */
const POINTS = [
  'outbox.appended',
  'relay.received',
  'relay.published',
  'job.leased',
  'job.effects-written',
  'job.finished',
]
const points = currentSize() === 'test' ? POINTS.slice(1, 3) : POINTS

test.each(points)('R2: a change and its event are one, also when control dies at %s', async point => {
  await using platform = await startPlatform({ env: { FAULTS: `${point}@2` } })
  const alice = await creatorClient(platform)
  const channel = await eventually(
    () => alice.createChannel({ reconnect_window_s: 1 }),
    created => expect(created.id).toBeTruthy(),
    WITHIN,
  )
  const publisher = ffmpegPublisher(publishUrl(platform, channel), { width: 320, height: 180, seconds: 8 })
  await publisher.ended

  const settled = async () => (await alice.streamsOf(channel.id))[0]
  const stream = await eventually(settled, found => expect(found?.state).toBe('archived'), WITHIN)
  if (stream === undefined) throw new Error('There is no stream.')
  const { body } = await eventually(
    () => alice.send('GET', `/v1/streams/${stream.id}/timeline?limit=100`),
    ({ status }) => expect(status).toBe(200),
    WITHIN,
  )
  const events = (body as { data: { type: string; sequence: number; id: string }[] }).data
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1))
  for (const once of ['stream.started', 'stream.ended', 'stream.archived']) {
    expect(
      events.filter(({ type }) => type === once),
      once,
    ).toHaveLength(1)
  }
  await eventually(
    () => alice.ledger(stream.id),
    ({ off }) => expect(off).toBe(0),
    WITHIN,
  )
})
