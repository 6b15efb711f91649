import { expect, test } from 'vitest'
import { type ClipClient, clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { commandsBelow } from '../helpers/process-tree.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { sized } from '../helpers/size.ts'

const SHOW_S = 14
const CLIP_S = 8
const WITHIN = { withinMs: 180_000 }

/** Kills the worker once its render is that far (percent); gives what it had kept. */
async function killAt(platform: Platform, vera: ClipClient, clipId: string, percent: number): Promise<number> {
  const worker = await platform.childPid('worker')
  await eventually(
    () => commandsBelow(worker, 'ffmpeg'),
    found => expect(found.length).toBeGreaterThan(0),
    WITHIN,
  )
  const clip = await eventually(
    () => vera.get(clipId),
    ({ render, state }) => expect(state === 'published' || (render?.percent ?? 0) >= percent).toBe(true),
    WITHIN,
  )
  process.kill(worker, 'SIGKILL')
  return clip.render?.percent ?? 100
}

test('R6: a render goes on where its worker died; what was kept is not made again', async () => {
  const random = seededRandom('R6')
  const rounds = sized({ test: 2, prove: 10, full: 200 })
  await using platform = await startPlatform()
  const stream = await markedShow(platform, await creatorClient(platform), SHOW_S)
  const vera = await clipClient(platform)
  for (let round = 0; round < rounds; round += 1) {
    const start = random.between(0, (SHOW_S - CLIP_S - 1) * 1_000)
    const clip = await vera.clip({ stream_id: stream.id, start_ms: start, end_ms: start + CLIP_S * 1_000 })
    const kept = await killAt(platform, vera, clip.id, random.between(0, 2) * 20)
    const seen: number[] = []
    await eventually(
      () => vera.get(clip.id),
      ({ state, render }) => {
        if (render !== null) seen.push(render.percent)
        expect(state).toBe('published')
      },
      WITHIN,
    )
    // The checkpoint only grows: what one worker has kept the next one has.
    expect(Math.min(100, ...seen)).toBeGreaterThanOrEqual(kept)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  }
}, 600_000)
