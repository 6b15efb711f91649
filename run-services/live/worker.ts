import { availableParallelism } from 'node:os'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { coreBudget } from './plane/core-budget.ts'
import { encoderHost } from './relay/encoder-host.ts'
import { encoderSettings } from './settings.ts'

/** An encoder on a machine of its own: takes sources over the relay wire, gives back framed media, holds no credential. */
process.exitCode = await cloudProcess('encoder', encoderSettings, process, async ({ settings, log, life }) => {
  const { host, relayPort: port, cores } = settings
  const { encodersMax: encoders } = coreBudget(cores || availableParallelism())
  const relay = await encoderHost({ host, port, sandbox: await detectSandbox(), encoders, log })
  life.onDrain(() => relay.close())
  log.info({ relay: relay.port }, 'ready')
})
process.exit()
