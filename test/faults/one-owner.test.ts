import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { startPlatform } from '../helpers/platform.ts'
import { sized } from '../helpers/size.ts'

/** Starts a second platform on a directory and gives what it said and its code when it ended. */
async function startSecond(dataDir: string): Promise<{ code: number | null; said: string }> {
  const env = { ...process.env, DEMO: 'off', DATA_DIR: dataDir, PORT: '0', MEDIA_PORT: '0', RTMP_PORT: '0' }
  const child = spawn(process.execPath, ['local/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  return { code, said }
}

test('R15: a second process is refused by the name of the directory, and kill -9 frees it', async () => {
  const rounds = sized({ test: 2, prove: 20, full: 200 })
  await using platform = await startPlatform()
  const client = await creatorClient(platform)
  const second = await startSecond(platform.dataDir)
  expect(second.code).not.toBe(0)
  expect(second.said).toContain(platform.dataDir)

  for (let round = 0; round < rounds; round += 1) {
    const before = await platform.childPid('control')
    process.kill(before, 'SIGKILL')
    await eventually(
      () => platform.childPid('control'),
      pid => expect(pid).not.toBe(before),
    )
    await eventually(
      () => client.send('GET', '/v1/me'),
      ({ status }) => expect(status).toBe(200),
      { withinMs: 60_000 },
    )
  }
})
