import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '#local/provision.ts'
import { memoryBroadcast } from '#shared/ports/broadcast/memory-broadcast.ts'
import { redisBroadcast } from '#shared/ports/broadcast/redis-broadcast.ts'
import { redisLink, type RedisLinkOptions } from '#shared/ports/broadcast/redis-link.ts'
import { createLog } from '#shared/service/log.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { redisEmulator } from '../helpers/emulators/redis-emulator.ts'
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

const openssl = findProgram('openssl')
const without = missing ?? (openssl === undefined ? 'openssl is not installed' : undefined)
// As Memorystore: TLS by an authority of the instance's own, and a password that is only good for a while.
describe.skipIf(without !== undefined)(`redisLink over TLS${without === undefined ? '' : `: ${without}`}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'showreel-redis-'))
  const at = (name: string) => join(directory, name)
  let redis: EmulatorProcess
  beforeAll(async () => {
    for (const name of ['ca', 'other']) {
      const subject = [
        '-subj',
        '/CN=an instance',
        '-days',
        '2',
        '-keyout',
        at(`${name}.key`),
        '-out',
        at(`${name}.pem`),
      ]
      execFileSync(openssl ?? '', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' })
    }
    redis = await startEmulator({
      ...redisEmulator,
      command: port => {
        const plain = redisEmulator.command(0)
        const tls = ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', '--requirepass', 'of-today']
        const files = [
          '--tls-cert-file',
          at('ca.pem'),
          '--tls-key-file',
          at('ca.key'),
          '--tls-ca-cert-file',
          at('ca.pem'),
        ]
        return plain && { ...plain, args: [...plain.args.slice(2), ...tls, ...files] }
      },
    })
  })
  afterAll(async () => {
    await redis?.[Symbol.asyncDispose]()
    rmSync(directory, { recursive: true, force: true })
  })
  const open = (options: Partial<RedisLinkOptions>) =>
    redisLink({ url: `rediss://${redis.address}`, ca: readFileSync(at('ca.pem'), 'utf8'), log, ...options })

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
    const ca = readFileSync(at('other.pem'), 'utf8')
    using link = open({ ca, log: watching, password: async () => 'of-today' })
    await eventually(
      () => problems.join(''),
      text => expect(text).toMatch(/self-signed certificate/u),
    )
    expect(link.isUp()).toBe(false)
    expect(problems.join('')).not.toContain('of-today')
  })
})
