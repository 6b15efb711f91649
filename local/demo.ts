import { join } from 'node:path'
import { flvLoop } from '#shared/media/flv/flv-loop.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { pause } from '#shared/service/pause.ts'
import { rtmpPublisher } from '#shared/service/rtmp-publisher.ts'
import { clipNowAndThen } from './demo/clip-now-and-then.ts'
import { demoChannel } from './demo/demo-channel.ts'
import { prepareFootage } from './demo/prepare-footage.ts'
import { demoSettings } from './settings.ts'
import { backoffMs } from './supervisor/backoff.ts'
import { startOrRefuse, tellParent } from './supervisor/tell-parent.ts'
import { untilReady } from './until-ready.ts'

const ROUNDS_A_CONNECTION = 100_000
const RECONNECT = { minMs: 500, maxMs: 10_000 }

exitWithParent()
await startOrRefuse(async () => {
  const settings = demoSettings.read(process.env)
  const log = createLog({ service: 'demo', level: settings.logLevel })
  const life = lifetime({ log })
  const footage = await prepareFootage(join('.cache', 'demo-720p30.flv'))
  await untilReady(new URL('/readyz', settings.controlUrl).href)
  void clipNowAndThen(settings.controlUrl, life.signal, log)
  let attempt = 0
  while (!life.signal.aborted) {
    try {
      const url = await demoChannel(settings.controlUrl, join(settings.dataDir, 'demo', 'stream-key'))
      const publisher = await rtmpPublisher({ url, signal: life.signal })
      tellParent({ type: 'ready' })
      attempt = 0
      await publisher.play(flvLoop(footage, ROUNDS_A_CONNECTION), { realTime: true, signal: life.signal })
      await publisher.close()
    } catch (error) {
      if (life.signal.aborted) break
      log.warn({ err: error }, 'the demo show was interrupted; publishing again')
      await pause(backoffMs(attempt, RECONNECT, Math.random()), life.signal)
      attempt += 1
    }
  }
  await life.done
})
process.exit()
