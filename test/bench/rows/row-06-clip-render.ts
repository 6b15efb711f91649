import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cutOf } from '../../helpers/marked-cut.ts'
import { markedMedia } from '../../helpers/marked-media.ts'
import type { BenchRow } from '../bench-row.ts'
import { type CpuGroup, cpuGroup, cpuUsedUs } from '../cpu-group.ts'

const CLIP_S = { whole: 30, quick: 15 }
/** Longest one render may take, in ms. */
const RENDER_MS_MAX = 600_000
const SCRIPT = join(import.meta.dirname, '..', 'render-once.ts')

/** CPU time (s) of one render with every process it starts. */
async function cpuOf(group: CpuGroup, way: 'job' | 'bare', folder: string): Promise<number> {
  const words = [process.execPath, SCRIPT, way, folder, group.folder]
  const startedUs = Number(await group.run(words, RENDER_MS_MAX))
  return (cpuUsedUs(group.folder) - startedUs) / 1_000_000
}

async function writeCut(folder: string, name: string, path: string, seconds: number): Promise<void> {
  const { bytes, ...facts } = await cutOf(path, 1_000, 1_000 + seconds * 1_000)
  await writeFile(join(folder, `${name}.mp4`), bytes)
  await writeFile(join(folder, `${name}.json`), JSON.stringify(facts))
}

/** A worker's render job beside the ffmpeg commands it stands on. */
export const clipRender: BenchRow = {
  id: '6',
  name: 'clip-render',
  title: 'clip render (wide, vertical, square, poster, filmstrip), CPU',
  metrics: [{ key: 'cpu', title: '', unit: 's', goal: { ratioMax: 1.05 } }],
  rounds: 7,
  quickRounds: 2,
  ready: async ({ quick }) => {
    const group = cpuGroup()
    const seconds = quick ? CLIP_S.quick : CLIP_S.whole
    const media = await markedMedia({ seconds: seconds + 2 })
    const folder = await mkdtemp(join(tmpdir(), 'showreel-bench-render-'))
    await writeCut(folder, 'cut', media.path, seconds)
    const small = await markedMedia({ seconds: 4, width: 320, height: 180 })
    await writeCut(folder, 'warm', small.path, 1)
    return {
      ours: {
        name: 'the render job, from its cut to stored files',
        sample: async () => ({ cpu: await cpuOf(group, 'job', folder) }),
      },
      peer: { name: 'the bare ffmpeg commands', sample: async () => ({ cpu: await cpuOf(group, 'bare', folder) }) },
      notes: [`${seconds} s of 720p; both look ahead once and decode once, with the same encoders`],
      [Symbol.asyncDispose]: async () => {
        group[Symbol.dispose]()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}
