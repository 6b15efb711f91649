import { describe, expect, test } from 'vitest'
import { missingEmulator, startEmulator } from '../helpers/emulators/emulator-process.ts'
import { motoEmulator } from '../helpers/emulators/moto-emulator.ts'
import { pubsubServiceEmulator } from '../helpers/emulators/pubsub-service-emulator.ts'
import { redisEmulator } from '../helpers/emulators/redis-emulator.ts'
import { spannerEmulator } from '../helpers/emulators/spanner-emulator.ts'
import { eventually } from '../helpers/eventually.ts'
import { lineChild } from '../helpers/line-child.ts'
import { isAlive } from '../helpers/process-tree.ts'

for (const spec of [redisEmulator, motoEmulator, spannerEmulator, pubsubServiceEmulator]) {
  const missing = missingEmulator(spec)
  describe.skipIf(missing !== undefined)(`${spec.name}${missing === undefined ? '' : ` (${missing})`}`, () => {
    test('it starts on a free port, is killed and revived there, and leaves no process behind', async () => {
      const running = await startEmulator(spec)
      expect(running.port).toBeGreaterThan(0)
      await running.kill()
      await running.revive()
      await running[Symbol.asyncDispose]()
      expect(running.pid()).toBeUndefined()
    })
  })
}

test.skipIf(missingEmulator(redisEmulator) !== undefined)('one that dies by itself is started again', async () => {
  await using running = await startEmulator(redisEmulator)
  const before = running.pid()
  process.kill(before ?? 0, 'SIGKILL')
  await eventually(
    () => running.restarts(),
    restarts => expect(restarts).toBe(1),
  )
  await eventually(
    () => running.pid(),
    pid => expect(pid).not.toBe(before),
  )
  await eventually(() => running.pid())
})

test.skipIf(missingEmulator(redisEmulator) !== undefined || process.platform !== 'linux')(
  'one whose starter is killed ends with it',
  async () => {
    const starter = lineChild('test/helpers/emulator-child.ts')
    const pid = Number(
      await eventually(
        () => starter.lines[0],
        line => expect(line, starter.errors()).toMatch(/^\d+$/),
      ),
    )
    expect(isAlive(pid)).toBe(true)
    starter.process.kill('SIGKILL')
    await starter.gone
    await eventually(
      () => isAlive(pid),
      alive => expect(alive).toBe(false),
    )
  },
)

test('a program that is not there is named with what to install', () => {
  const absent = { name: 'nothing-of-the-kind', install: 'there is no way', command: () => undefined }
  const required = process.env['REQUIRE_EMULATORS']
  try {
    delete process.env['REQUIRE_EMULATORS']
    expect(missingEmulator(absent)).toBe('nothing-of-the-kind is not installed; there is no way')
    process.env['REQUIRE_EMULATORS'] = '1'
    expect(() => missingEmulator(absent)).toThrow('there is no way')
  } finally {
    if (required === undefined) delete process.env['REQUIRE_EMULATORS']
    else process.env['REQUIRE_EMULATORS'] = required
  }
})
