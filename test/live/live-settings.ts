import { defineSettings, setting } from '#shared/service/settings.ts'

/** What `npm run verify:live` reads: places in accounts of yours with nothing else in them. Empty skips by name. */
export const liveSettings = defineSettings({
  project: setting.text('VERIFY_GOOGLE_PROJECT', ''),
  /** An instance of Spanner; databases are made in it and dropped. */
  spannerInstance: setting.text('VERIFY_SPANNER_INSTANCE', ''),
  /** What stands before the names of the deployment's secrets. */
  secretsPrefix: setting.text('VERIFY_SECRETS_PREFIX', ''),
  region: setting.text('VERIFY_AWS_REGION', 'us-east-1'),
  /** A bucket; objects are left below `contract/` and `signed/`. */
  bucket: setting.text('VERIFY_BUCKET', ''),
  /** Queues are made and deleted. */
  sqs: setting.flag('VERIFY_SQS', false),
  redisUrl: setting.text('VERIFY_REDIS_URL', ''),
})

export const LIVE = liveSettings.read(process.env)

/** The suffix of a suite's name that says why it is skipped. */
export function without(...variables: readonly string[]): string {
  return `: set ${variables.join(' and ')}`
}
