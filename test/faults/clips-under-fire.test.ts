import { rm } from 'node:fs/promises'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ClipClient, clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { commandsBelow } from '../helpers/process-tree.ts'
import { type SeededRandom, seededRandom } from '../helpers/seeded-random.ts'
import { currentSize, sized } from '../helpers/size.ts'
import { lookInto } from '../helpers/stopped-platform.ts'

const SHOW_S = 10
const WORKERS = 3
const WITHIN = { withinMs: currentSize() === 'test' ? 240_000 : 1_500_000 }

/** Kills a worker or one of its encoders while clips are being rendered; encoders that were seen before are left alone. */
async function killSomething(platform: Platform, random: SeededRandom, seen: Set<number>): Promise<void> {
  const pid = platform.process.pid ?? 0
  const encoders = await eventually(
    async () => (await commandsBelow(pid, 'ffmpeg')).filter(each => !seen.has(each)),
    found => expect(found.length).toBeGreaterThan(0),
    WITHIN,
  )
  for (const each of encoders) seen.add(each)
  const worker = random.between(1, WORKERS)
  const victim =
    random.between(0, 1) === 0
      ? (encoders[0] ?? 0)
      : await platform.childPid(worker === 1 ? 'worker' : `worker-${worker}`)
  try {
    process.kill(victim, 'SIGKILL')
  } catch (error) {
    // What ended by itself meanwhile cannot be killed any more.
    if ((error as { code?: string }).code !== 'ESRCH') throw error
  }
}

async function ask(vera: ClipClient, streamId: string, count: number, random: SeededRandom): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < count; index += 1) {
    const start = random.between(0, (SHOW_S - 4) * 1000)
    const range = { start_ms: start, end_ms: start + random.between(1_000, 2_000) }
    const { id } = await vera.clip({ stream_id: streamId, ...range, title: `Clip ${index}` }, `clip-${index}`)
    ids.push(id)
  }
  return ids
}

test('R4: each clip is made exactly once, however often workers and encoders are killed', async () => {
  const random = seededRandom('R4')
  const count = sized({ test: 20, prove: 200, full: 200 })
  const kills = sized({ test: 15, prove: 100, full: 1_000 })
  const dataDir = mkdtempSync(join(tmpdir(), 'showreel-r4-'))
  try {
    const platform = await startPlatform({ dataDir, env: { WORKERS: String(WORKERS) } })
    try {
      const stream = await markedShow(platform, await creatorClient(platform), SHOW_S)
      const vera = await clipClient(platform)
      const ids = await ask(vera, stream.id, count, random)
      const seen = new Set<number>()
      const published = async () => (await vera.mine()).filter(({ state }) => state === 'published').length
      for (let kill = 0; kill < kills && (await published()) < count; kill += 1) {
        await killSomething(platform, random, seen)
      }
      await eventually(published, done => expect(done).toBe(count), WITHIN)
      expect((await vera.mine()).map(({ id }) => id).sort()).toEqual([...ids].sort())
    } finally {
      await platform.stop()
    }
    await lookInto(dataDir, async ({ clips, events, sweep, orphans }) => {
      for (const { clip_id: id } of clips) {
        const types = events.filter(({ subject }) => subject === id).map(({ type }) => type)
        expect(
          types.filter(type => type === 'clip.published'),
          id,
        ).toHaveLength(1)
        expect(
          types.filter(type => type === 'clip.rendered'),
          id,
        ).toHaveLength(1)
      }
      // Kills hit work: some of it was begun more than once.
      expect(clips.reduce((sum, { attempts }) => sum + attempts, 0)).toBeGreaterThan(count)
      await sweep()
      expect(await orphans()).toEqual([])
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}, 600_000)
