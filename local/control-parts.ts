import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createLocalJWKSet } from 'jose'
import { signedObjectHandler } from '#shared/ports/object-store/signed-object-handler.ts'
import { directorySecrets } from '#shared/ports/secrets/directory-secrets.ts'
import { jobStore } from '#shared/service/job-store.ts'
import { rateLimit } from '#shared/service/rate-limit.ts'
import { toldChanges } from '#shared/service/told-changes.ts'
import type { Log } from '#shared/service/log.ts'
import { serviceCalls } from '#shared/service/service-call.ts'
import { userTokenVerifier } from '#shared/service/user-token.ts'
import { type ControlSettings, embeddedEngines } from './control-engines.ts'
import { embeddedIssuer, USER_AUDIENCE } from './issuer/embedded-issuer.ts'
import { machineObjects } from './machine-objects.ts'
import { verifyCalls } from './verify-calls.ts'

/** Name of the control process in calls to other processes. */
const CALLER = 'control'
const ISSUER = 'showreel-local'
const MINUTE_S = 60

/** Every port of the control process, one owner each; the caller's stack disposes them in reverse. */
export async function controlParts(settings: ControlSettings, log: Log, stack: AsyncDisposableStack) {
  const now = Date.now
  const emulated = settings.on === 'emulators' ? await import('./on-emulators-engines.ts') : undefined
  const secrets = emulated?.onEmulatorsSecrets(stack) ?? directorySecrets(join(settings.dataDir, 'secrets'))
  const calls = serviceCalls({ key: await secrets.get('service-calls'), issuer: ISSUER, now })
  const sign = (audience: string) => calls.sign(audience, CALLER)
  const control = `http://127.0.0.1:${settings.port}`
  const engines = await (emulated === undefined
    ? embeddedEngines(settings, sign, log, stack)
    : emulated.onEmulatorsEngines(settings, log, stack))
  const database = toldChanges(engines.database, engines.broadcast)
  const signing = { key: await secrets.get('object-urls'), baseUrl: `${control}/objects`, now }
  const store = machineObjects({ dataDir: settings.dataDir, signing, env: process.env })
  const issuer = await embeddedIssuer({ issuer: settings.publicUrl.origin, seed: await secrets.get('issuer') })

  return {
    now,
    random: (length: number) => randomBytes(length),
    secrets,
    calls,
    sign,
    ...engines,
    database,
    rateLimit: rateLimit({ counters: engines.counters, requests: settings.requestsPerMinute, windowS: MINUTE_S }),
    verifyService: verifyCalls(calls, process.env),
    store,
    objects: signedObjectHandler(store, signing),
    jobs: jobStore({ database, now, random: randomBytes }),
    issuer,
    verifyUser: userTokenVerifier({
      issuer: issuer.issuer,
      audience: USER_AUDIENCE,
      jwks: createLocalJWKSet(issuer.jwks),
    }),
  }
}

export type ControlParts = Awaited<ReturnType<typeof controlParts>>
