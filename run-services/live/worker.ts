import { availableParallelism } from 'node:os'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { exitWithParent } from '#shared/service/exit-with-parent.ts'
import { lifetime } from '#shared/service/lifetime.ts'
import { createLog } from '#shared/service/log.ts'
import { coreBudget } from './plane/core-budget.ts'
import { startOrSay } from './plane/start-or-say.ts'
import { encoderHost } from './relay/encoder-host.ts'
import { liveSettings } from './settings.ts'

/** An encoder on a machine of its own: takes sources over the relay wire, gives back framed media, holds no credential. */
await startOrSay(async () => {
  const settings = liveSettings.read(process.env)
  const log = createLog({ service: 'encoder', level: settings.logLevel })
  const life = lifetime({ log })
  exitWithParent()
  const { encodersMax } = coreBudget(settings.cores || availableParallelism())
  const sandbox = await detectSandbox()
  const relay = await encoderHost({
    host: settings.host,
    port: settings.relayPort,
    sandbox,
    encoders: encodersMax,
    log,
  })
  life.onDrain(() => relay.close())
  return { life, ports: { relay: relay.port } }
})
