import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import { redisBroadcast } from '#shared/ports/broadcast/redis-broadcast.ts'
import { redisLink, type RedisLinkOptions } from '#shared/ports/broadcast/redis-link.ts'
import { createLog } from '#shared/service/log.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { redisEmulator } from '../helpers/emulators/redis-emulator.ts'
import { type RedisOverTls, redisOverTlsMissing, startRedisOverTls } from '../helpers/emulators/redis-over-tls.ts'
import { eventually } from '../helpers/eventually.ts'
import { broadcastContract, earOf, untilHeard } from './broadcast.contract.ts'

// memory-broadcast.ts
describe('memoryBroadcast', () => {
  const broadcast = memoryBroadcast()
  broadcastContract(() => broadcast)
})

const missing = missingEmulator(redisEmulator)
const log = createLog({ service: 'broadcast', level: 'silent' })
// redis-broadcast.ts
describe.skipIf(missing !== undefined)(`redisBroadcast${missing === undefined ? '' : `: ${missing}`}`, () => {
  let redis: EmulatorProcess
  const parts = new DisposableStack()
  const open = (options: Partial<RedisLinkOptions> = {}) =>
    redisBroadcast({ link: parts.use(redisLink({ url: `redis://${redis.address}`, log, ...options })) })
  const opened: ReturnType<typeof open>[] = []
  beforeAll(async () => {
    redis = await startEmulator(redisEmulator)
    opened.push(open(), open())
  })
  afterAll(async () => {
    parts.dispose()
    await redis?.[Symbol.asyncDispose]()
  })
  let turns = 0
  broadcastContract(() => {
    const next = opened[(turns += 1) % opened.length]
    if (next === undefined) throw new Error('Nothing was opened.')
    return next
  })

  test('after Redis was killed every listener is told that it may have missed something, and hears again', async () => {
    const [one, two] = [open(), open()]
    using first = earOf(one, 'cut')
    using second = earOf(two, 'cut')
    await untilHeard(one, 'cut', first)
    await untilHeard(one, 'cut', second)
    const before = [first.missed, second.missed]
    await redis.kill()
    await one.publish('cut', 'into the void')
    await redis.revive()
    await eventually(
      () => [first.missed, second.missed],
      missed => missed.forEach((times, index) => expect(times).toBeGreaterThan(before[index] ?? 0)),
    )
    await eventually(
      async () => {
        await one.publish('cut', 'again')
        return second.heard
      },
      heard => expect(heard).toContain('again'),
    )
    expect(second.heard).not.toContain('into the void')
  })

  test('who listens while Redis is away is told missed once it is there', async () => {
    const late = open()
    await redis.kill()
    using ear = earOf(late, 'late')
    expect(ear.missed).toBe(0)
    await redis.revive()
    await eventually(() => ear.missed)
    await untilHeard(late, 'late', ear)
  })

  test('a Redis that hangs is left, and come back to', async () => {
    const broadcast = open()
    using ear = earOf(broadcast, 'frozen')
    await untilHeard(broadcast, 'frozen', ear)
    const before = ear.missed
    redis.freeze()
    try {
      const startedMs = performance.now()
      await broadcast.publish('frozen', 'nobody answers')
      expect(performance.now() - startedMs).toBeLessThan(1_000)
    } finally {
      redis.thaw()
    }
    // Either the connection held, and it was heard late, or it was given up, and it may be missed.
    await eventually(() => ear.heard.includes('nobody answers') || ear.missed > before)
  })
})

const withoutTls = redisOverTlsMissing()
// As Memorystore: an authority of the instance's own, and a password that is only good for a while.
describe.skipIf(withoutTls !== undefined)(
  `redisLink over TLS${withoutTls === undefined ? '' : `: ${withoutTls}`}`,
  () => {
    let redis: RedisOverTls
    beforeAll(async () => {
      redis = await startRedisOverTls('of-today')
    })
    afterAll(async () => await redis?.[Symbol.asyncDispose]())
    const open = (options: Partial<RedisLinkOptions>) => redisLink({ url: redis.url, ca: redis.ca, log, ...options })

    test('each connection is made with the password of that moment', async () => {
      const passwords = ['of-yesterday', 'of-today']
      let asked = 0
      using link = open({ password: async () => passwords[Math.min((asked += 1), passwords.length) - 1] ?? '' })
      await eventually(() => link.isUp())
      expect(asked).toBeGreaterThanOrEqual(2)
      expect(await link.redis.ping()).toBe('PONG')
    })

    test('a server whose authority is another is not spoken to, and hears no password', async () => {
      const problems: string[] = []
      const watching = createLog({ service: 'link', destination: { write: line => void problems.push(line) } })
      using link = open({ ca: redis.otherCa, log: watching, password: async () => 'of-today' })
      await eventually(
        () => problems.join(''),
        text => expect(text).toMatch(/self-signed certificate/u),
      )
      expect(link.isUp()).toBe(false)
      expect(problems.join('')).not.toContain('of-today')
    })
  },
)
