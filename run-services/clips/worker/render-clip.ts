import { writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { ClipRendition } from '#shared/domain/clip.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { type ClipFrame, clipFrames, posterFrame } from '#shared/media/clip/clip-frame.ts'
import { loudnessReports } from '#shared/media/clip/clip-loudness.ts'
import { clipFilmstrip, type Filmstrip } from '#shared/media/clip/filmstrip.ts'
import { RESULT_METER, renderCommand, type RenderPlan } from '#shared/media/clip/render-command.ts'
import { storyboardVtt } from '#shared/media/clip/storyboard-vtt.ts'
import type { WorkerContext, WorkerHandler } from '#shared/service/worker-loop.ts'
import {
  type RenderInput,
  renderInput,
  type RenderPayload,
  renderPayload,
  type RenderResult,
  type RenderTarget,
} from '../render-job.ts'
import { examinePicture, examineVideo } from './examine-file.ts'
import { fetchObjects } from './fetch-object.ts'
import { type ClipLook, lookAhead } from './look-ahead.ts'
import { mediaRun } from './media-run.ts'
import { type ProgressKeeper, progressKeeper } from './render-progress.ts'
import { type RunFolder, runFolder } from '#shared/service/run-folder.ts'
import { storeObject } from './store-object.ts'

const CUT = 'cut.mp4'
/** How much of the work is done (percent) when the cut is there, looked at, encoded, and stored. */
const FETCHED = 2
const LOOKED = 12
const ENCODED = 88
const STORED = 100

type Render = {
  input: RenderInput
  cut: RenderPayload['cut'] & { durationS: number }
  targets: readonly RenderTarget[]
  frames: readonly ClipFrame[]
  filmstrip: Filmstrip
  folder: RunFolder
  progress: ProgressKeeper
  context: WorkerContext
}

/**
 * Renders a clip: the cut in every shape, the presets, poster, filmstrip and storyboard, from one decode after one look
 * ahead; each file is probed, stored and then noted in the checkpoint. A later run makes what is not noted.
 *
 * A cut that is gone, damaged or another one ends the job; anything else is worth another try.
 */
export const renderClip: WorkerHandler = async (job, context): Promise<RenderResult> => {
  const input = renderInput.parse(job.input)
  const { cut: asked, targets } = renderPayload.parse(job.payload)
  if (asked.sha256 !== input.cut_sha256) {
    throw new Refusal('media.rejected', { detail: 'The clip was cut anew; this render was of the cut before.' })
  }
  const cut = { ...asked, durationS: asked.duration_ms / 1000 }
  const progress = progressKeeper(job.checkpoint, context.save)
  await using folder = await runFolder('clip')
  const frames = clipFrames(cut, input.presets)
  const render = { input, cut, targets, frames, filmstrip: clipFilmstrip(cut), folder, progress, context }
  const missing = targets.filter(({ name }) => progress.stored().every(file => file.name !== name))
  if (missing.length > 0) await make(render, missing)
  return { stored: [...progress.stored()], loudness_lufs: progress.look()?.result_lufs ?? null }
}

async function make(render: Render, missing: readonly RenderTarget[]): Promise<void> {
  const { cut, input, folder, progress, context } = render
  await fetchObjects([cut], join(folder.in, CUT), context.signal)
  progress.tell(FETCHED)
  const look = progress.look() ?? (await lookAhead(folder, { ...cut, name: CUT }, input.crop, context.signal))
  await progress.keep({ percent: LOOKED, look })
  await encode(render, look, missing)
  for (const [index, target] of missing.entries()) {
    const file = await finish(render, target)
    await progress.keep({ percent: ENCODED + ((STORED - ENCODED) * (index + 1)) / missing.length, file })
  }
}

/** One decode into everything that is missing. */
async function encode(render: Render, look: ClipLook, missing: readonly RenderTarget[]): Promise<void> {
  const { cut, folder, progress, context } = render
  const wanted = (name: string): boolean => missing.some(target => target.name === name)
  const frames = render.frames.filter(({ name }) => wanted(name))
  if (frames.length === 0 && !wanted('poster') && !wanted('filmstrip')) return
  const onProgress = (atS: number): void => {
    progress.tell(LOOKED + (ENCODED - LOOKED) * Math.min(1, atS / cut.durationS))
  }
  const plan: Omit<RenderPlan, 'cut'> = {
    frames,
    ...(wanted('poster') && { poster: { atS: look.poster_s, ...posterFrame(cut) } }),
    ...(wanted('filmstrip') && { filmstrip: render.filmstrip }),
    crop: look.crop,
    gainDb: look.gain_db,
  }
  const log = await mediaRun(
    folder,
    at => renderCommand({ ...plan, cut: { ...cut, path: at.in(CUT) } }, name => at.out(fileName(name))),
    { signal: context.signal, onProgress },
  )
  const lufs = loudnessReports(log).get(RESULT_METER)?.lufs
  if (lufs !== undefined) await progress.keep({ percent: ENCODED, look: { ...look, result_lufs: lufs } })
}

/** Examines one made file, stores it and says what it is. */
async function finish(render: Render, target: RenderTarget): Promise<ClipRendition> {
  const { name, key: uri, content_type } = target
  const path = join(render.folder.out, fileName(name))
  const facts = await examined(render, target, path)
  const stored = await storeObject(path, target, render.context.signal)
  return { name, uri, content_type, ...stored, ...facts }
}

async function examined(render: Render, target: RenderTarget, path: string): Promise<Partial<ClipRendition>> {
  const { cut, filmstrip, context } = render
  if (target.name === 'storyboard') {
    await writeFile(path, storyboardVtt(filmstrip, cut.durationS, stripUri(render, target)))
    return {}
  }
  if (target.name === 'poster' || target.name === 'filmstrip') {
    const { columns, rows, width, height } = filmstrip
    const sheet = { width: columns * width, height: rows * height }
    const size = target.name === 'poster' ? posterFrame(cut).size : sheet
    await examinePicture(path, size)
    return size
  }
  const frame = render.frames.find(({ name }) => name === target.name)
  if (frame === undefined) throw new Refusal('request.invalid', { detail: `No render makes a ${target.name}.` })
  const { size, longestS = Infinity } = frame
  const whole = cut.durationS <= longestS
  const expected = { durationS: Math.min(cut.durationS, longestS), frames: whole ? cut.frames : undefined }
  const { frames, durationS } = await examineVideo(path, { ...size, ...expected, audio: cut.audio }, context.signal)
  return { ...size, frames, duration_ms: Math.round(durationS * 1000) }
}

/** Where the strip lies as seen from the storyboard; an earlier lease may have stored it in a folder of its own. */
function stripUri({ progress, targets }: Render, storyboard: RenderTarget): string {
  const stored = progress.stored().find(({ name }) => name === 'filmstrip')?.uri
  const strip = stored ?? targets.find(({ name }) => name === 'filmstrip')?.key ?? ''
  return posix.relative(posix.dirname(storyboard.key), strip)
}

function fileName(name: string): string {
  return `${name}.${name === 'poster' || name === 'filmstrip' ? 'jpg' : 'mp4'}`
}
