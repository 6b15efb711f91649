import { expect, test } from 'vitest'
import { freePort } from '#local/supervisor/free-port.ts'
import { type CloudEntry, cloudEntry } from '../helpers/cloud-entry.ts'
import { eventually } from '../helpers/eventually.ts'
import { ffmpegPublisher } from '../helpers/ffmpeg-publisher.ts'
import { startLive } from '../helpers/live-process.ts'
import { providerEar } from '../helpers/provider-ear.ts'
import { storedWhole } from '../helpers/stored-segments.ts'

const WITHIN = { withinMs: 60_000 }
const SMALL = { width: 320, height: 180 }

type Encoder = CloudEntry & { port: number }

/** `run-services/live/worker.ts` as a machine runs it. */
async function startEncoder(port: number): Promise<Encoder> {
  const entry = cloudEntry('run-services/live/worker.ts', { RELAY_PORT: String(port), LIVE_HOST: '127.0.0.1' })
  await eventually(
    () => entry.output(),
    text => expect(text).toContain('"ready"'),
    WITHIN,
  )
  return { ...entry, port }
}

test('a show is encoded on another machine, and goes on when that machine is taken away', async () => {
  await using ear = await providerEar()
  await using encoder = await startEncoder(await freePort())
  const env = { ENCODERS_HOST: '127.0.0.1', RELAY_PORT: String(encoder.port) }
  await using live = await startLive({ eventsUrl: ear.url, env })
  const { ref, rtmpUrl } = await live.channel({ reconnect_window_s: 0 })
  const publisher = ffmpegPublisher(rtmpUrl, SMALL)
  const untilSegments = (count: number) =>
    eventually(
      () => ear.segments(ref),
      segments => expect(segments.length).toBeGreaterThanOrEqual(count),
      WITHIN,
    )
  await untilSegments(2)
  expect(encoder.output()).toContain('relay: encoder started')
  expect(live.log()).not.toContain('relay: encoder started')

  const stream = await live.stream(ref)
  encoder.kill()
  await encoder.ended
  await using another = await startEncoder(encoder.port)
  const before = ear.segments(ref).length
  await untilSegments(before + 2)
  expect(another.output()).toContain('relay: encoder started')
  await publisher.stop()
  await eventually(
    () => ear.names(ref),
    names => expect(names.at(-1)).toBe('Recording End'),
    WITHIN,
  )
  expect(ear.names(ref).filter(name => name === 'Stream Start')).toHaveLength(1)
  await storedWhole(live, ear, ref, stream?.stream_id ?? '')
})
