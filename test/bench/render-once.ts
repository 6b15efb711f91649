/**
 * One render of a cut, by the worker's job or by the bare commands, in a process of its own; prints the CPU time (µs) that
 * its control group had used before the work began. `node render-once.ts job|bare <folder> <control group>`; the folder
 * holds `cut.mp4`, `cut.json` and a small `warm.mp4`, `warm.json`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { clipFrames, posterFrame } from '../../shared/media/clip/clip-frame.ts'
import { gainBetween, loudnessReports, plainGain, trialGains } from '../../shared/media/clip/clip-loudness.ts'
import { cropPath } from '../../shared/media/clip/crop-path.ts'
import { clipFilmstrip } from '../../shared/media/clip/filmstrip.ts'
import { grayPictures } from '../../shared/media/clip/gray-pictures.ts'
import { lookCommand, trialCommand } from '../../shared/media/clip/look-command.ts'
import { posterTime } from '../../shared/media/clip/poster-time.ts'
import { renderCommand } from '../../shared/media/clip/render-command.ts'
import type { MediaCommand } from '../../shared/media/ffmpeg-arguments/media-command.ts'
import type { MarkedCut } from '../helpers/marked-cut.ts'
import { renderBench } from '../helpers/render-bench.ts'
import { cpuUsedUs } from './cpu-group.ts'

const [way = '', folder = '', group = ''] = process.argv.slice(2)
const at = (name: string): string => join(folder, name)
const cutAt = (name: string): MarkedCut => ({
  ...(JSON.parse(readFileSync(at(`${name}.json`), 'utf8')) as Omit<MarkedCut, 'bytes'>),
  bytes: readFileSync(at(`${name}.mp4`)),
})
const cut = cutAt('cut')

/** The worker's whole job: fetch, look, render, probe, digest, store; the object store's side of it included. */
async function job(): Promise<void> {
  // A worker renders many clips: what it finds out once, about its sandbox and its ffmpeg, is not this one's.
  await using warm = await renderBench(cutAt('warm'))
  await warm.render()
  await using bench = await renderBench(cut)
  startsNow()
  const { stored } = await bench.render()
  const counts = stored.flatMap(file => file.frames ?? [])
  if (counts.length !== 3 || counts.some(count => count !== cut.frames))
    throw new Error(`Frames: ${counts.join(', ')}.`)
}

/** ffmpeg as a person would start it: no sandbox, no library, nobody who looks at what came out. */
async function run({ inputs, filter, outputs }: MediaCommand): Promise<string> {
  const files = inputs.flatMap(({ options, path }) => [...options, '-i', path])
  const results = outputs.flatMap(({ options, path }) => [...options, path])
  const args = ['-hide_banner', '-nostdin', '-y', ...files, '-filter_complex', filter, ...results]
  const child = spawn('nice', ['-n', '15', 'ffmpeg', ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg ended with ${String(code)}: ${log.slice(-1_000)}`)
  return log
}

/** The same passes with the same encoders. */
async function bare(): Promise<void> {
  startsNow()
  const file = { ...cut, path: at('cut.mp4'), durationS: cut.duration_ms / 1000 }
  const heard = loudnessReports(await run(lookCommand(file, at('look.gray')))).get('source')
  if (heard === undefined) throw new Error('The bare command heard nothing.')
  const { gainDb, limited } = plainGain(heard)
  const trials = limited ? loudnessReports(await run(trialCommand(file, gainDb))) : undefined
  const tried = trialGains(gainDb).map(trial => ({ ...trial, lufs: trials?.get(trial.name)?.lufs ?? -70 }))
  const pictures = grayPictures(await readFile(at('look.gray')))
  const frames = clipFrames(cut, [])
  const plan = {
    cut: file,
    frames,
    poster: { atS: posterTime(pictures), ...posterFrame(cut) },
    filmstrip: clipFilmstrip(file),
    crop: cropPath(pictures),
    gainDb: limited ? gainBetween(tried) : gainDb,
  }
  const extension = (name: string) => (name === 'poster' || name === 'filmstrip' ? 'jpg' : 'mp4')
  await run(renderCommand(plan, name => at(`${name}.${extension(name)}`)))
}

function startsNow(): void {
  process.stdout.write(`${cpuUsedUs(group)}\n`)
}

await (way === 'job' ? job() : bare())
process.exit(0)
