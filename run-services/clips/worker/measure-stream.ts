import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '#shared/domain/refusal.ts'
import { type Filmstrip, filmstripOf } from '#shared/media/clip/filmstrip.ts'
import { grayPictures } from '#shared/media/clip/gray-pictures.ts'
import { measureCommand } from '#shared/media/clip/measure-command.ts'
import { momentaryLoudness, motionOf } from '#shared/media/clip/measured-signals.ts'
import { probeMedia } from '#shared/media-sandbox/probe-media.ts'
import type { WorkerHandler } from '#shared/service/worker-loop.ts'
import { MEASURE_HZ, type MeasurePayload, measurePayload, type MeasureResult } from '../measure-job.ts'
import { examinePicture } from './examine-file.ts'
import { fetchObjects } from './fetch-object.ts'
import { mediaRun, workerSandbox } from './media-run.ts'
import { type RunFolder, runFolder } from '#shared/service/run-folder.ts'
import { storeObject } from './store-object.ts'

const VIDEO = 'video.mp4'
const AUDIO = 'audio.mp4'
const GRAY = 'measure.gray'
const LOUDNESS = 'loudness.txt'
const STRIP = 'strip.jpg'
/** Longest stretch of one job, in s; sheets and signals are made for about half a minute. */
const STRETCH_S_MAX = 600
const STRIP_EVERY_S = 2
const STRIP_COLUMNS = 10

/**
 * Measures a stretch of a show: how loud it is, how much of its picture changes, and a sheet of small pictures, in one
 * pass. Small enough that a run which was killed simply begins again; media that is gone or damaged ends the job.
 */
export const measureStream: WorkerHandler = async (job, { signal }): Promise<MeasureResult> => {
  const payload = measurePayload.parse(job.payload)
  const { from_ms, to_ms, video, audio } = payload
  const durationS = (to_ms - from_ms) / 1000
  if (durationS <= 0 || durationS > STRETCH_S_MAX) {
    throw new Refusal('request.invalid', { detail: `A stretch lasts up to ${STRETCH_S_MAX} s, not ${durationS} s.` })
  }
  await using folder = await runFolder('clip')
  await fetchObjects([video.init, ...video.segments], join(folder.in, VIDEO), signal)
  if (audio !== null) await fetchObjects([audio.init, ...audio.segments], join(folder.in, AUDIO), signal)
  const strip = await stripOf(folder, durationS, signal)
  await mediaRun(
    folder,
    at =>
      measureCommand(
        { video: at.in(VIDEO), audio: audio === null ? undefined : at.in(AUDIO), durationS, strip, hz: MEASURE_HZ },
        { gray: at.out(GRAY), loudness: at.out(LOUDNESS), strip: at.out(STRIP) },
      ),
    { signal },
  )
  const count = Math.max(1, Math.round(durationS * MEASURE_HZ))
  const said = audio === null ? '' : await readFile(join(folder.out, LOUDNESS), 'utf8')
  return {
    from_ms,
    to_ms,
    loudness_lufs: momentaryLoudness(said, MEASURE_HZ, count),
    motion: motionOf(grayPictures(await readFile(join(folder.out, GRAY))), count),
    strip: await storedStrip(folder, payload, strip, signal),
  }
}

async function stripOf(folder: RunFolder, durationS: number, signal: AbortSignal): Promise<Filmstrip> {
  const { streams } = await probeMedia(await workerSandbox(), { path: join(folder.in, VIDEO) }, { signal })
  const picture = streams.find(({ kind }) => kind === 'video')
  if (picture?.kind !== 'video') throw new Refusal('media.rejected', { detail: 'The stretch has no picture.' })
  return filmstripOf(picture, Math.ceil(durationS / STRIP_EVERY_S), STRIP_EVERY_S, STRIP_COLUMNS)
}

async function storedStrip(
  folder: RunFolder,
  { strip: target }: MeasurePayload,
  { frames, everyS, columns, rows, width, height }: Filmstrip,
  signal: AbortSignal,
): Promise<MeasureResult['strip']> {
  const path = join(folder.out, STRIP)
  await examinePicture(path, { width: columns * width, height: rows * height })
  const stored = await storeObject(path, target, signal)
  return { key: target.key, ...stored, every_ms: everyS * 1000, columns, frames, width, height }
}
