import { AwsClient, type AwsClientOptions } from 'google-auth-library'

export type WorkloadIdentityOptions = {
  /** `//iam.googleapis.com/projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>`. */
  audience: string
  /** Where tokens are exchanged; Google's own unless told otherwise. */
  tokenUrl?: string
  /** Who we are on AWS; from the function's own role unless told otherwise. */
  supplier?: AwsClientOptions['aws_security_credentials_supplier']
}

const SCOPES = ['https://www.googleapis.com/auth/pubsub']

/**
 * Headers for calls to Google as the AWS role this function runs under, without any key: a signed question to AWS ("who
 * am I?") is exchanged for a short-lived token, which is kept until it ends.
 */
export function awsWorkloadIdentity({
  audience,
  tokenUrl = 'https://sts.googleapis.com/v1/token',
  supplier,
}: WorkloadIdentityOptions): () => Promise<Headers> {
  const client = new AwsClient({
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
    token_url: tokenUrl,
    scopes: SCOPES,
    ...(supplier === undefined
      ? {
          credential_source: {
            environment_id: 'aws1',
            regional_cred_verification_url:
              'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15',
          },
        }
      : { aws_security_credentials_supplier: supplier }),
  })
  return async () => new Headers(await client.getRequestHeaders())
}
