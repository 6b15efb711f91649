import type { Clock } from '#shared/domain/clock.ts'
import { metadataTokens } from '#shared/service/metadata-token.ts'
import { awsWebIdentity } from './aws-web-identity.ts'

export type AwsServiceSettings = {
  awsRegion: string
  awsRoleArn: string
  awsTokenAudience: string
  metadataUrl: URL
}

/** Credentials on AWS of a service that runs on Google Cloud, bought with the word of its own machine; nothing is stored. */
export function awsServiceCredentials(
  service: string,
  settings: AwsServiceSettings,
  now: Clock,
): ReturnType<typeof awsWebIdentity> {
  const { awsRoleArn: roleArn, awsRegion: region, awsTokenAudience, metadataUrl } = settings
  const tokens = metadataTokens({ url: metadataUrl, now })
  return awsWebIdentity({ roleArn, sessionName: service, region, token: async () => await tokens(awsTokenAudience) })
}
