import type { Clock } from '#shared/domain/clock.ts'
import { canaryCaller } from './canary-caller.ts'
import { issuerKeys } from './issuer-keys.ts'
import { anyCaller, oidcCallers } from './oidc-caller.ts'
import type { ServiceCalls, VerifyService } from './service-call.ts'
import { userTokenVerifier, type VerifyUser } from './user-token.ts'

export type CloudCallerSettings = {
  project: string
  stack: string
  pushSigner: string
  callsIssuer: string
  callsKeys: URL
  userIssuer: string
  userAudience: string
}

/**
 * Who is let in by a service of a deployment: people by their issuer's tokens, the synthetic shows by Google's; the account
 * that signs pushes and tasks, and the workers', by Google's; the media plane and other services by the key they share.
 */
export async function cloudCallers(
  settings: CloudCallerSettings,
  calls: ServiceCalls,
  now: Clock,
): Promise<{ verifyUser: VerifyUser; verifyService: VerifyService }> {
  const { project, stack, pushSigner, callsIssuer, callsKeys, userIssuer, userAudience } = settings
  const callers = new Map([
    [pushSigner, 'bus'],
    [`${stack}-worker@${project}.iam.gserviceaccount.com`, 'worker'],
  ])
  const google = { issuer: callsIssuer, jwks: callsKeys, now }
  const account = `${stack}-canary@${project}.iam.gserviceaccount.com`
  return {
    verifyUser: canaryCaller({
      people: userTokenVerifier({ issuer: userIssuer, audience: userAudience, jwks: await issuerKeys(userIssuer) }),
      genuine: oidcCallers({ ...google, callers: new Map([[account, 'canary']]) }),
      account,
      issuer: callsIssuer,
      audience: userAudience,
    }),
    verifyService: anyCaller(oidcCallers({ ...google, callers }), calls.verify),
  }
}
