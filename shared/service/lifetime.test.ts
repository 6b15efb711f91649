import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

/** A process that lives as ours do; `body` runs in it with `life` in hand. */
function start(
  body: string,
  stdio: 'pipe' | 'ipc' = 'pipe',
): { child: ChildProcess; said: (text: string) => Promise<void>; output: () => string } {
  const program = `
    import { createLog } from '#shared/service/log.ts'
    import { lifetime } from '#shared/service/lifetime.ts'
    import { exitWithParent } from '#shared/service/exit-with-parent.ts'
    import { armCrashPoints, crashPoint } from '#shared/service/crash-point.ts'
    const life = lifetime({ log: createLog({ service: 'test', level: 'silent' }) })
    const say = text => process.stdout.write(text + '\\n')
    const alive = setInterval(() => {}, 1000)
    void [exitWithParent, armCrashPoints, crashPoint]
    ${body}
    say('started')
    await life.done
    say('done')
    process.exit(0)`
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit', ...(stdio === 'ipc' ? ['ipc' as const] : [])],
  })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const said = async (text: string) => {
    while (!output.includes(text)) await once(child.stdout ?? child, 'data')
  }
  return { child, said, output: () => output }
}

const exit = async (child: ChildProcess) => (await once(child, 'exit')) as [number | null, string | null]

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s drains the last part first, and the process ends with 0',
  async signal => {
    const { child, said, output } = start(`
    life.onDrain(() => say('first registered'))
    life.onDrain(async () => { await new Promise(r => setImmediate(r)); say('last registered, aborted ' + life.signal.aborted) })
    life.onDrain(() => { throw new Error('a part that fails stops no other') })`)
    await said('started')
    child.kill(signal)
    expect(await exit(child)).toEqual([0, null])
    expect(output()).toBe('started\nlast registered, aborted true\nfirst registered\ndone\n')
  },
)

test('a second signal ends at once', async () => {
  const { child, said } = start(`life.onDrain(() => { say('draining'); return new Promise(() => {}) })`)
  await said('started')
  child.kill('SIGTERM')
  await said('draining')
  child.kill('SIGTERM')
  expect(await exit(child)).toEqual([130, null])
})

test('a part that hangs holds the end up for 8 s and no longer', async () => {
  const { child, said } = start(`life.onDrain(() => new Promise(() => {}))`)
  await said('started')
  const startedMs = performance.now()
  child.kill('SIGTERM')
  expect(await exit(child)).toEqual([0, null])
  expect(performance.now() - startedMs).toBeGreaterThan(7_500)
  expect(performance.now() - startedMs).toBeLessThan(10_000)
})

test.each(['pipe', 'ipc'] as const)('a child drains and ends when the %s to its parent closes', async stdio => {
  const { child, said, output } = start(`life.onDrain(() => say('drained')); exitWithParent()`, stdio)
  await said('started')
  if (stdio === 'ipc') child.disconnect()
  else child.stdin?.end()
  expect(await exit(child)).toEqual([0, null])
  expect(output()).toContain('drained')
})

test('a crash point kills on the pass it is armed for, and is nothing otherwise', async () => {
  const { child, output } = start(`
    armCrashPoints('relay.published@3, job.leased@99')
    for (let pass = 1; pass <= 5; pass += 1) { crashPoint('outbox.appended'); say('pass ' + pass); crashPoint('relay.published') }`)
  expect(await exit(child)).toEqual([null, 'SIGKILL'])
  expect(output()).toBe('pass 1\npass 2\npass 3\n')
})

test('a fault that cannot be read stops the start', async () => {
  const { child, output } = start(
    `try { armCrashPoints('relay published') } catch (error) { say(error.message); process.exit(3) }`,
  )
  expect(await exit(child)).toEqual([3, null])
  expect(output()).toContain('FAULTS: "relay published" is not <point> or <point>@<pass>.')
})
