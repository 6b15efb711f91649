import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { AwsClient } from 'google-auth-library'

export type AwsGoogleClientOptions = {
  region: string
  /** `//iam.googleapis.com/projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`. */
  audience: string
  /** Where roles are exchanged for tokens; Google's own unless told otherwise. */
  tokenUrl: URL
}

const SCOPES = ['https://www.googleapis.com/auth/cloud-platform']

/** Who this task of AWS is to Google, without any key: its role, exchanged for a short-lived token when one is due. */
export function awsGoogleClient({ region, audience, tokenUrl }: AwsGoogleClientOptions): AwsClient {
  const credentials = fromNodeProviderChain({ clientConfig: { region } })
  return new AwsClient({
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: tokenUrl.href,
    scopes: SCOPES,
    aws_security_credentials_supplier: {
      getAwsRegion: async () => region,
      getAwsSecurityCredentials: async () => {
        const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
        return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) }
      },
    },
  })
}
