/** Types whose Terraform name does not follow from Pulumi's. */
const TYPES: Readonly<Record<string, string>> = {
  'aws:s3/bucketReplicationConfig:BucketReplicationConfig': 'aws_s3_bucket_replication_configuration',
  'aws:mediaconvert/queue:Queue': 'aws_media_convert_queue',
  'aws:sqs/redriveAllowPolicy:RedriveAllowPolicy': 'aws_sqs_queue_redrive_allow_policy',
  'aws:lb/loadBalancer:LoadBalancer': 'aws_lb',
}

/** Modules of Pulumi that Terraform's names leave out. */
const WITHOUT_MODULE = new Set(['ec2'])

/** Properties Pulumi calls otherwise, by Terraform type. */
const PROPERTIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  aws_cloudwatch_metric_alarm: { name: 'alarm_name' },
  aws_sns_topic_subscription: { topic: 'topic_arn' },
  aws_lambda_function: { name: 'function_name' },
}

/** `visibilityTimeoutSeconds` as `visibility_timeout_seconds`. */
export function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/gu, letter => `_${letter}`).toLowerCase()
}

/** The Terraform type of a Pulumi type: `aws:sqs/queue:Queue` is `aws_sqs_queue`. */
export function terraformType(type: string): string {
  const known = TYPES[type]
  if (known !== undefined) return known
  const [, module = '', name = ''] = /^aws:(\w+)\/\w+:(\w+)$/u.exec(type) ?? []
  return ['aws', ...(WITHOUT_MODULE.has(module) ? [] : [module]), snakeCase(name)].join('_')
}

/** A property's Terraform name, where it does not follow from the schema. */
export function renamedProperty(terraform: string, property: string): string | undefined {
  return PROPERTIES[terraform]?.[property]
}
