import { CANARY_LINE } from '#shared/domain/slo.ts'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { cloudProcess } from '#shared/service/cloud-process.ts'
import { metadataTokens } from '#shared/service/metadata-token.ts'
import { syntheticShowSettings } from './settings.ts'
import { hopTable } from './hop-table.ts'
import { showClient } from './show-client.ts'
import { syntheticShow } from './synthetic-show.ts'

let held = false
const code = await cloudProcess('canary', syntheticShowSettings, process, async ({ settings, log, life }) => {
  const { publicUrl, region: route, plane, userAudience, metadataUrl: url, token, showS, withinS } = settings
  const now = Date.now
  const tokens = metadataTokens({ url, now })
  const { message, hop, plane: of, milliseconds } = CANARY_LINE
  const { id, state, failure, hops } = await syntheticShow({
    client: showClient(publicUrl, async () => (token === '' ? await tokens(userAudience) : token)),
    sandbox: await detectSandbox(),
    route,
    plane,
    showS,
    withinS,
    now,
    onHop: (name, ms) => log.info({ [hop]: name, [of]: plane, [milliseconds]: ms }, message),
    signal: life.signal,
  })
  held = state === 'held'
  process.stdout.write(hopTable(hops))
  if (held) log.info({ run: id }, 'every hop held')
  else log.error({ run: id, state, failure }, failure ?? 'a hop broke its budget')
  life.end('done')
})
process.exit(code !== 0 || held || process.argv.includes('--print-settings') ? code : 1)
