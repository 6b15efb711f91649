import { anyCaller, oidcCallers } from '#shared/service/oidc-caller.ts'
import type { ServiceCalls, VerifyService } from '#shared/service/service-call.ts'
import { callerSettings } from './settings.ts'

/** Takes calls of our own processes and, where an issuer is set, those its account signed: pushes and wake-ups. */
export function verifyCalls(calls: ServiceCalls, env: Readonly<Record<string, string | undefined>>): VerifyService {
  const { issuer, jwksUrl, account } = callerSettings.read(env)
  if (issuer === '') return calls.verify
  return anyCaller(
    calls.verify,
    oidcCallers({ issuer, jwks: jwksUrl, callers: new Map([[account, 'pusher']]), now: Date.now }),
  )
}
