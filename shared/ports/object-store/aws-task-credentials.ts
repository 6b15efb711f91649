import { fromNodeProviderChain } from '@aws-sdk/credential-providers'

/** Credentials of the role that this task of AWS runs under, as its machine gives them out; nothing is stored. */
export function awsTaskCredentials(region: string): ReturnType<typeof fromNodeProviderChain> {
  return fromNodeProviderChain({ clientConfig: { region } })
}
