import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisLink } from '#shared/ports/broadcast/redis-link.ts'
import { memoryCounters } from '#shared/ports/counters/memory-counters.ts'
import { redisCounters } from '#shared/ports/counters/redis-counters.ts'
import { createLog } from '#shared/service/log.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { redisEmulator } from '../helpers/emulators/redis-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { countersContract } from './counters.contract.ts'

const WINDOW_S = 60

// memory-counters.ts
describe('memoryCounters', () => {
  const counters = memoryCounters({ now: Date.now })
  countersContract(() => counters)

  test('the oldest of too many counters is forgotten, and the newest is kept', async () => {
    const few = memoryCounters({ now: Date.now, keysMax: 3 })
    for (const key of ['a', 'b', 'c', 'd']) await few.add(key, WINDOW_S)
    expect((await few.add('d', WINDOW_S)).count).toBe(2)
    expect((await few.add('a', WINDOW_S)).count).toBe(1)
  })
})

const missing = missingEmulator(redisEmulator)
// redis-counters.ts
describe.skipIf(missing !== undefined)(`redisCounters${missing === undefined ? '' : `: ${missing}`}`, () => {
  let redis: EmulatorProcess
  const parts = new DisposableStack()
  const lines: string[] = []
  const log = createLog({ service: 'counters', destination: { write: line => void lines.push(line) } })
  const open = () => {
    const link = parts.use(redisLink({ url: `redis://${redis.address}`, log }))
    return { link, counters: redisCounters({ link, now: Date.now }) }
  }
  const opened: ReturnType<typeof open>[] = []
  beforeAll(async () => {
    redis = await startEmulator(redisEmulator)
    opened.push(open(), open())
    for (const { link } of opened) await eventually(() => link.isUp())
  })
  afterAll(async () => {
    parts.dispose()
    await redis?.[Symbol.asyncDispose]()
  })
  let turns = 0
  countersContract(() => {
    const next = opened[(turns += 1) % opened.length]
    if (next === undefined) throw new Error('Nothing was opened.')
    return next.counters
  })

  test('an instance that starts before there is a Redis counts for itself, and is on when there is', async () => {
    const nobody = await startEmulator(redisEmulator)
    await nobody.kill()
    using link = redisLink({ url: `redis://${nobody.address}`, log })
    const counters = redisCounters({ link, now: Date.now })
    expect((await counters.add('early', WINDOW_S)).count).toBe(1)
    await nobody.revive()
    await eventually(() => link.isUp())
    await nobody[Symbol.asyncDispose]()
  })

  test('while Redis is killed each instance counts for itself, says so once, and shares again after', async () => {
    const [one, two] = [open(), open()]
    for (const { link } of [one, two]) await eventually(() => link.isUp())
    await redis.kill()
    await eventually(
      () => [one, two].some(({ link }) => link.isUp()),
      up => expect(up).toBe(false),
    )
    expect((await one.counters.add('cut', WINDOW_S)).count).toBe(1)
    expect((await one.counters.add('cut', WINDOW_S)).count).toBe(2)
    expect((await two.counters.add('cut', WINDOW_S)).count).toBe(1)
    await eventually(
      () => lines.filter(line => line.includes('is away')).length,
      said => expect(said).toBeGreaterThanOrEqual(2),
    )
    await redis.revive()
    for (const { link } of [one, two]) await eventually(() => link.isUp())
    expect((await one.counters.add('healed', WINDOW_S)).count).toBe(1)
    expect((await two.counters.add('healed', WINDOW_S)).count).toBe(2)
    expect(lines.some(line => line.includes('is back'))).toBe(true)
  })

  test('a Redis that hangs keeps nobody waiting for more than a second', async () => {
    const { link, counters } = open()
    await eventually(() => link.isUp())
    redis.freeze()
    try {
      const startedMs = performance.now()
      expect((await counters.add('frozen', WINDOW_S)).count).toBe(1)
      expect(performance.now() - startedMs).toBeLessThan(1_000)
      await eventually(
        () => link.isUp(),
        up => expect(up).toBe(false),
      )
    } finally {
      redis.thaw()
    }
    await eventually(() => link.isUp())
  })
})
