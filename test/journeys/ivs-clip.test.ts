import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClipAnswer } from '#run-services/clips/clip-answer.ts'
import { reconcileChannels } from '#run-services/channels/reconcile-channels.ts'
import { finishCuts } from '#run-services/clips/finish-cuts.ts'
import { isRecordedShow } from '#run-services/clips/is-media-coming.ts'
import { readObject } from '#run-services/clips/read-object.ts'
import { getSourceStream } from '#run-services/clips/source-queries.ts'
import { findBeeps } from '#shared/media/marked/marked-media-beeps.ts'
import { missingEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { readFrameNumbers, readSamples } from '../helpers/frame-clock-reader.ts'
import { type IvsClips, ivsClips } from '../helpers/ivs-clips.ts'
import { type IvsRig, ivsRig, type IvsShow } from '../helpers/ivs-rig.ts'

const SECONDS = 6
const FRAME_MS = 1000 / 30
const BYTES_MAX = 64 * 1024 * 1024
/** The recording arrives about so long after it was shown, in ms. */
const BEHIND_MS = 50_000
const missing = missingEmulator(motoEmulator)
const folder = mkdtempSync(join(tmpdir(), 'showreel-ivs-clip-'))

describe.skipIf(missing !== undefined)(`a clip of a show on IVS${missing === undefined ? '' : `: ${missing}`}`, () => {
  let rig: IvsRig
  let clips: IvsClips
  beforeAll(async () => {
    rig = await ivsRig({ seconds: SECONDS })
    clips = ivsClips(rig)
  }, 60_000)
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The clock so long after the show began. */
  const at = (show: IvsShow, ms: number): void => {
    rig.service.clock.nowMs = Date.parse(show.publisher.startedAt) + ms
  }

  async function record(show: IvsShow, ...indexes: number[]): Promise<void> {
    for (const index of indexes) for (const key of await show.record(index)) await show.tell.object(key)
  }

  /** What somebody sees who follows the clip's link. */
  async function fileBehind({ playback }: ClipAnswer): Promise<string> {
    const key = new URL(playback?.mp4_url ?? '').pathname.slice(1)
    const post = await rig.store.head(key)
    const bytes = await readObject(rig.store, key.replace('clip.mp4', post?.redirect ?? ''), BYTES_MAX)
    const file = join(folder, `${Math.random().toString(36).slice(2)}.mp4`)
    writeFileSync(file, bytes ?? new Uint8Array())
    return file
  }

  /** The frames of a range of the show: its places count from its start, frames from that of its recording. */
  async function framesOf(show: IvsShow, startMs: number, endMs: number): Promise<number[]> {
    const { started_at: startedAt } = await show.stream()
    const shiftMs = Date.parse(startedAt ?? '') - Date.parse(show.publisher.startedAt)
    const first = Math.ceil((startMs + shiftMs - 0.6) / FRAME_MS)
    const end = Math.ceil((endMs + shiftMs - 0.6) / FRAME_MS)
    return Array.from({ length: end - first }, (_, index) => first + index)
  }

  /** Every frame of the range and no other, and every beep on its second within 40 ms. */
  async function expectMarked(show: IvsShow, clip: ClipAnswer, expected: readonly number[]): Promise<void> {
    const file = await fileBehind(clip)
    expect((await readFrameNumbers(file)).map(({ frame }) => frame)).toEqual(expected)
    const beeps = findBeeps(await readSamples(file))
    expect(beeps.length).toBeGreaterThan(0)
    for (const { atS } of beeps) {
      const mediaS = ((expected[0] ?? 0) * FRAME_MS) / 1000 + atS
      expect(Math.abs(mediaS - Math.round(mediaS))).toBeLessThan(0.04)
    }
  }

  test('is requested while its media is to come, plays once that is stored, and is rendered, every frame of it exact', async () => {
    const show = await rig.onAir()
    at(show, 4_000)
    const range = { start_ms: 1_240, end_ms: 3_260 }
    const { status, body: asked } = await clips.ask({ stream_id: show.id, ...range, title: 'Goal', publish: false })
    expect({ status, state: asked.state, playback: asked.playback }).toEqual({
      status: 201,
      state: 'requested',
      playback: null,
    })
    at(show, 4_000 + BEHIND_MS)
    await record(show, 0, 1, 2)
    await clips.hear(show.id)
    await clips.work()
    expect(await clips.get(asked.id)).toMatchObject({ state: 'requested' })
    await record(show, 3)
    await clips.hear(show.id)
    await clips.work()
    const playable = await clips.get(asked.id)
    expect(playable).toMatchObject({ state: 'playable', width: 320, height: 180, missing_ms: 0 })
    const frames = await framesOf(show, range.start_ms, range.end_ms)
    await expectMarked(show, playable, frames)

    await using worker = await rig.worker({ clips: clips.app }, ['render-clip'])
    const render = rig.service.wakes.findLast(({ queue }) => queue === 'render-clip')
    if (render === undefined) throw new Error('Nobody was woken to render.')
    await worker.wake(render)
    const rendered = await eventually(
      async () => {
        await clips.work()
        return await clips.get(asked.id)
      },
      ({ state }) => expect(state, worker.output()).toBe('ready'),
      { withinMs: 60_000 },
    )
    expect(rendered.files.map(({ name }) => name)).toEqual(expect.arrayContaining(['wide', 'vertical', 'square']))
    await expectMarked(show, rendered, frames)

    await record(show, 4, 5)
    await show.leave()
    expect(await show.ledger()).toMatchObject({ off: 0, indexed: SECONDS, complete: true })
  }, 120_000)

  test('whose segments nobody told it of plays once a round of forgotten cuts finds them', async () => {
    const show = await rig.onAir()
    at(show, 3_000)
    const { body: asked } = await clips.ask({ stream_id: show.id, last_s: 2.5 })
    expect(asked).toMatchObject({ state: 'requested', start_ms: 490, end_ms: 2_990 })
    const look = async (afterMs: number): Promise<string> => {
      rig.service.clock.nowMs += afterMs
      await finishCuts(clips.deps, clips.deps.cutting)
      return (await clips.get(asked.id)).state
    }
    expect(await look(31_000)).toBe('requested')
    for (const index of [0, 1, 2]) await show.record(index)
    await reconcileChannels(rig.service.deps, new Map())
    expect(await look(1_000)).toBe('requested')
    expect(await look(31_000)).toBe('playable')
    await expectMarked(show, await clips.get(asked.id), await framesOf(show, 490, 2_990))
    await show.publisher.leave()
  })

  test('waits because its plane declares that a recording is all there is', async () => {
    const show = await rig.onAir()
    const { provider_stream_id } = (await rig.service.database.read(getSourceStream(show.id)))[0] ?? {}
    const recorded = isRecordedShow({ provider_stream_id: provider_stream_id ?? null })
    expect([rig.service.deps.plane.features.liveClip, recorded]).toEqual(['recorded', true])
    const own = isRecordedShow({ provider_stream_id: `play_${'a'.repeat(26)}` })
    expect([rig.service.plane.features.liveClip, own]).toEqual(['parts', false])
    await show.publisher.leave()
  })

  test('of what is stored already plays at once', async () => {
    const show = await rig.onAir()
    at(show, 3_000 + BEHIND_MS)
    await record(show, 0, 1, 2)
    const { body } = await clips.ask({ stream_id: show.id, start_ms: 140, end_ms: 1_440 })
    expect(body).toMatchObject({ state: 'playable', missing_ms: 0 })
    await expectMarked(show, body, await framesOf(show, 140, 1_440))
    await show.publisher.leave()
  })

  test('is cut from the best rendition that is whole, and leaves out what is in none', async () => {
    const show = await rig.onAir()
    at(show, 3_000 + BEHIND_MS)
    await record(show, 0, 1, 2)
    const damage = async (name: string, index: number): Promise<void> => {
      const key = `${show.recording.prefix}/media/hls/${name}/${index}.ts`
      const bytes = (await readObject(rig.store, key, BYTES_MAX)) ?? new Uint8Array()
      await rig.store.put(key, bytes.fill(0, 188 * 5, 188 * 9), { contentType: 'video/MP2T' })
    }
    await damage('180p30', 0)
    const { body: whole } = await clips.ask({ stream_id: show.id, start_ms: 0, end_ms: 2_900 })
    expect(whole).toMatchObject({ state: 'playable', width: 160, height: 90, missing_ms: 0 })
    await damage('90p30', 1)
    await damage('180p30', 1)
    const { body: holed } = await clips.ask({ stream_id: show.id, start_ms: 500, end_ms: 2_500 })
    expect(holed.state).toBe('playable')
    expect(Math.abs((holed.missing_ms ?? 0) - 1_000)).toBeLessThan(3)
    await show.publisher.leave()
  })

  test('of a show that ends without the rest has what there is, and fails where there is nothing', async () => {
    const show = await rig.onAir()
    at(show, 6_000)
    const { body: partly } = await clips.ask({ stream_id: show.id, start_ms: 1_000, end_ms: 4_000 })
    const { body: nothing } = await clips.ask({ stream_id: show.id, start_ms: 3_000, end_ms: 5_000 })
    await record(show, 0, 1)
    await show.leave()
    await clips.hear(show.id)
    await clips.work()
    rig.service.clock.nowMs += 60_000
    await finishCuts(clips.deps, clips.deps.cutting)
    expect([(await clips.get(partly.id)).state, (await clips.get(nothing.id)).state]).toEqual([
      'requested',
      'requested',
    ])
    rig.service.clock.nowMs += 4 * 60_000
    await finishCuts(clips.deps, clips.deps.cutting)
    const cut = await clips.get(partly.id)
    expect(cut.state).toBe('playable')
    expect(Math.abs((cut.missing_ms ?? 0) - 2_000)).toBeLessThan(2 * FRAME_MS)
    expect(await clips.get(nothing.id)).toMatchObject({ state: 'failed', reason: 'no-media' })
    const { body: later } = await clips.ask({ stream_id: show.id, start_ms: 3_000, end_ms: 5_000 })
    expect(later).toMatchObject({ code: 'clip.outside-stream' })
  })

  test.each([
    [{ start_ms: 3_000, end_ms: 2_000 }, 'clip.range'],
    [{ start_ms: 60_000, end_ms: 62_000 }, 'clip.outside-stream'],
    [{ start_ms: 0, end_ms: 30_000 }, 'clip.outside-stream'],
    [{ start_ms: 0, end_ms: 500 }, 'clip.range'],
  ])('%j of a show that is ten seconds long is refused with %s', async (range, code) => {
    const show = await rig.onAir()
    at(show, 10_000)
    const { status, body } = await clips.ask({ stream_id: show.id, ...range })
    expect({ status, code: body.code }).toEqual({ status: 422, code })
    await show.publisher.leave()
  })
})
