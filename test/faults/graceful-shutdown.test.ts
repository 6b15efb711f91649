import { expect, test } from 'vitest'
import { type ClipClient, clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { isAlive } from '../helpers/process-tree.ts'
import { currentSize, sized } from '../helpers/size.ts'

const SHOW_S = 8
const CLIENTS = 4
/** Clips made at most: each is rendered afterwards. */
const CLIPS_MAX = sized({ test: 6, prove: 40, full: 400 })
const WITHIN = { withinMs: 120_000 }
const EXIT_MS_MAX = 8_000

/** Requests that were taken and not answered well; what was never taken is somebody else's. */
type Load = { answered: number; failed: string[]; clips: Set<string>; stop(): Promise<void> }

/** People who read the feed and make clips, one request after the other each. */
function underLoad(vera: ClipClient, streamId: string): Load {
  const load = { answered: 0, failed: [] as string[], clips: new Set<string>() }
  const stop = new AbortController()
  const one = async (client: number, turn: number) => {
    const clips = turn % 10 === client && load.clips.size < CLIPS_MAX
    const body = { stream_id: streamId, start_ms: 0, end_ms: 1_000 }
    const sent = clips ? vera.send('POST', '/v1/clips', body) : vera.send('GET', '/v1/feed?limit=5')
    const response = await sent.catch((error: unknown) => {
      if (isRefused(error)) return undefined
      load.failed.push(String((error as { cause?: unknown }).cause ?? error))
      return undefined
    })
    if (response === undefined) return
    const text = await response.text()
    // A process that is leaving may say so; whoever asked goes elsewhere.
    if (response.status >= 500 && !text.includes('service.draining')) load.failed.push(`${response.status} ${text}`)
    else load.answered += 1
    if (response.status === 201) load.clips.add((JSON.parse(text) as { id: string }).id)
  }
  const running = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await one(client, turn)
      await new Promise(resolve => setImmediate(resolve))
    }
  })
  return Object.assign(load, {
    stop: async () => {
      stop.abort()
      await Promise.all(running)
    },
  })
}

/** The connection was never made: nothing was taken. */
function isRefused(error: unknown): boolean {
  return ((error as { cause?: { code?: string } }).cause?.code ?? '') === 'ECONNREFUSED'
}

/** SIGTERM to one process of the platform; gives how it ended and how long that took, once its successor is there. */
async function endOne(platform: Platform, name: 'control' | 'worker'): Promise<{ ended: string; tookMs: number }> {
  const pid = await platform.childPid(name)
  const before = platform.log().length
  const beganMs = performance.now()
  process.kill(pid, 'SIGTERM')
  await eventually(
    () => isAlive(pid),
    alive => expect(alive).toBe(false),
    WITHIN,
  )
  const tookMs = performance.now() - beganMs
  const ended = await eventually(
    () => new RegExp(`${name} ended \\(([^)]+)\\)`, 'u').exec(platform.log().slice(before))?.[1] ?? '',
    text => expect(text).not.toBe(''),
    WITHIN,
  )
  await eventually(
    () => platform.childPid(name),
    next => expect(next).not.toBe(pid),
    WITHIN,
  )
  return { ended, tookMs }
}

test('R11: a process that is told to end answers what it has taken and leaves with code 0', async () => {
  const rounds = sized({ test: 4, prove: 20, full: 300 })
  await using platform = await startPlatform()
  const stream = await markedShow(platform, await creatorClient(platform), SHOW_S)
  const vera = await clipClient(platform)
  const load = underLoad(vera, stream.id)
  for (let round = 0; round < rounds; round += 1) {
    const target = load.answered + 20
    await eventually(
      () => load.answered,
      count => expect(count).toBeGreaterThan(target),
      WITHIN,
    )
    const { ended, tookMs } = await endOne(platform, round % 2 === 0 ? 'control' : 'worker')
    expect(ended).toBe('code 0')
    if (currentSize() !== 'test') expect(tookMs).toBeLessThan(EXIT_MS_MAX)
  }
  await load.stop()
  expect(load.failed).toEqual([])
  expect(load.clips.size).toBeGreaterThan(0)
  // What was promised is kept: every clip comes to be shown, also those whose render was told to end.
  await eventually(
    async () => (await vera.mine()).filter(({ state }) => state !== 'published').map(({ id }) => id),
    waiting => expect(waiting).toEqual([]),
    { withinMs: currentSize() === 'test' ? 240_000 : 1_200_000 },
  )
}, 600_000)
