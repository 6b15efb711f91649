import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { type ClipClient, clipClient } from '../helpers/clip-client.ts'
import { creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { markedShow } from '../helpers/marked-show.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { commandsBelow, descendants } from '../helpers/process-tree.ts'
import { sized } from '../helpers/size.ts'
import { lookInto } from '../helpers/stopped-platform.ts'

/** Leases run out side by side. */
const AT_ONCE = 3
const WITHIN = { withinMs: 120_000 }

type Worker = AsyncDisposable & { pid: number; wake(jobId: string): Promise<number> }

/** A worker process that the test wakes itself. */
async function startWorker(platform: Platform): Promise<Worker> {
  const env = { ...process.env, DATA_DIR: platform.dataDir, CONTROL_URL: platform.apiUrl, PORT: '0' }
  const child: ChildProcess = fork('local/worker.ts', [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const key = await directorySecrets(join(platform.dataDir, 'secrets')).get('service-calls')
  const calls = serviceCalls({ key, issuer: 'showreel-local', now: Date.now })
  return {
    pid: child.pid ?? 0,
    wake: async jobId => {
      const bearer = await calls.sign('clips', 'queue')
      const response = await fetch(`http://127.0.0.1:${port}/tasks/render-clip`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
        body: JSON.stringify({ job_id: jobId }),
      })
      return response.status
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

/** Stops a process and all below it, as a machine that is paused does; what has ended meanwhile needs nothing. */
async function signalAll(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  for (const each of [pid, ...(await descendants(pid))]) {
    try {
      process.kill(each, signal)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ESRCH') throw error
    }
  }
}

/** A worker that is stopped in the middle of a render. */
async function freezeOne(platform: Platform, vera: ClipClient, streamId: string) {
  const worker = await startWorker(platform)
  const clip = await vera.clip({ stream_id: streamId, start_ms: 0, end_ms: 2_000 })
  const jobId = clip.render?.job_id ?? ''
  const answered = worker.wake(jobId)
  await eventually(
    () => commandsBelow(worker.pid, 'ffmpeg'),
    found => expect(found.length).toBeGreaterThan(0),
    WITHIN,
  )
  await signalAll(worker.pid, 'SIGSTOP')
  return { worker, clip, jobId, answered }
}

test('R5: a worker that wakes up after its lease has passed changes nothing that is seen', async () => {
  const zombies = sized({ test: 3, prove: 21, full: 501 })
  const dataDir = mkdtempSync(join(tmpdir(), 'showreel-r5-'))
  try {
    // Without workers of its own the platform renders nothing: the test says who does what.
    const platform = await startPlatform({ dataDir, env: { WORKERS: '0' } })
    try {
      const stream = await markedShow(platform, await creatorClient(platform), 6)
      const vera = await clipClient(platform)
      await using successor = await startWorker(platform)
      for (let round = 0; round < zombies / AT_ONCE; round += 1) {
        const frozen = await Promise.all(Array.from({ length: AT_ONCE }, () => freezeOne(platform, vera, stream.id)))
        for (const { clip, jobId } of frozen) {
          await eventually(
            async () => {
              await successor.wake(jobId)
              return vera.get(clip.id)
            },
            ({ state }) => expect(state).toBe('published'),
            WITHIN,
          )
        }
        for (const { worker, clip, answered } of frozen) {
          const shown = await fetch(clip.playback?.mp4_url ?? '', { method: 'HEAD' })
          await signalAll(worker.pid, 'SIGCONT')
          expect(await answered).toBe(204)
          const after = await fetch(clip.playback?.mp4_url ?? '', { method: 'HEAD' })
          expect(after.url).toBe(shown.url)
          expect(after.headers.get('etag')).toBe(shown.headers.get('etag'))
          await worker[Symbol.asyncDispose]()
        }
      }
    } finally {
      await platform.stop()
    }
    await lookInto(dataDir, async ({ clips, events, sweep, orphans }) => {
      for (const { clip_id: id } of clips) {
        const published = events.filter(({ subject, type }) => subject === id && type === 'clip.published')
        expect(published).toHaveLength(1)
      }
      await sweep()
      expect(await orphans()).toEqual([])
    })
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}, 600_000)
