import { fromWebToken } from '@aws-sdk/credential-providers'

export type AwsWebIdentityOptions = {
  /** The role that trusts the identity. */
  roleArn: string
  /** Who works under the role; stands in AWS's audit trail. */
  sessionName: string
  region: string
  /** A fresh OIDC token of this process: Google's, for the audience that the role's trust names. */
  token: () => Promise<string>
  /** An emulator's STS. */
  endpoint?: string
}

/** Life of the credentials, in s; the SDK asks again some minutes before. */
const DURATION_S = 3_600

type AwsCredentials = Awaited<ReturnType<ReturnType<typeof fromWebToken>>>

/** Credentials on AWS for an identity of another cloud: each time new ones are due, a fresh token buys them; nothing is stored. */
export function awsWebIdentity(options: AwsWebIdentityOptions): () => Promise<AwsCredentials> {
  const { roleArn, sessionName, region, token, endpoint } = options
  return async () => {
    const buy = fromWebToken({
      roleArn,
      roleSessionName: sessionName,
      webIdentityToken: await token(),
      durationSeconds: DURATION_S,
      clientConfig: { region, ...(endpoint === undefined ? {} : { endpoint }) },
    })
    return await buy()
  }
}
