import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { ffmpegTranscoder } from '#shared/ports/transcoder/ffmpeg-transcoder.ts'
import { createLog } from '#shared/service/log.ts'
import { hookedStore, openStore, SMALL } from './transcoder-rig.ts'

/** A process that encodes `SMALL` until its first segment is stored, says `stored`, and waits there to be killed. */
async function main(directory: string, scratch: string, leaseMs: number): Promise<void> {
  let segments = 0
  const store = hookedStore(openStore(directory), async (verb, key) => {
    if (verb === 'get' || !key.endsWith('.m4s')) return
    segments += 1
    if (segments === 1) return
    process.stdout.write('stored\n')
    await new Promise(() => undefined)
  })
  const log = createLog({ service: 'transcoder', level: 'silent' })
  const sandbox = await detectSandbox()
  const transcoder = ffmpegTranscoder({ store, sandbox, log, now: Date.now, scratch, leaseMs })
  await transcoder.start(SMALL)
}

const [directory = '', scratch = '', leaseMs = '0'] = process.argv.slice(2)
await main(directory, scratch, Number(leaseMs))
