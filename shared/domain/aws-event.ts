import { z } from 'zod'

/** What of AWS's EventBridge reaches us: sources of services, and the envelope around every fact. */
const envelope = {
  version: z.literal('0'),
  id: z.string().min(1).max(128),
  account: z.string(),
  region: z.string(),
  time: z.iso.datetime(),
  resources: z.array(z.string()),
  /** Ours; AWS has none. */
  traceparent: z.string().optional(),
}

const ivs = { ...envelope, source: z.literal('aws.ivs'), resources: z.tuple([z.string().min(1)]) }
const show = { channel_name: z.string(), stream_id: z.string() }

/** Amazon IVS User Guide, "Using Amazon EventBridge with IVS Low-Latency Streaming". */
const ivsStreamState = z.object({
  ...ivs,
  'detail-type': z.literal('IVS Stream State Change'),
  detail: z.object({
    event_name: z.enum([
      'Session Created',
      'Stream Start',
      'Stream End',
      'Stream Failure',
      'Stream Takeover',
      'Session Ended',
    ]),
    ...show,
    /** Of a failure. */
    reason: z.string().optional(),
  }),
})

const ivsRecordingState = z.object({
  ...ivs,
  'detail-type': z.literal('IVS Recording State Change'),
  detail: z.object({
    recording_status: z.enum(['Recording Start', 'Recording End', 'Recording Start Failure', 'Recording End Failure']),
    recording_status_reason: z.string().optional(),
    recording_s3_bucket_name: z.string(),
    recording_s3_key_prefix: z.string(),
    recording_duration_ms: z.number().nonnegative().optional(),
    ...show,
  }),
})

const ivsStreamHealth = z.object({
  ...ivs,
  'detail-type': z.literal('IVS Stream Health Change'),
  detail: z.object({ event_name: z.enum(['Starvation Start', 'Starvation End']), ...show }),
})

const ivsLimitBreach = z.object({
  ...ivs,
  'detail-type': z.literal('IVS Limit Breach'),
  detail: z.object({
    limit_name: z.string(),
    limit_value: z.coerce.number(),
    exceeded_by: z.coerce.number(),
    limit_unit: z.string().optional(),
    channel_name: z.string().optional(),
    stream_id: z.string().optional(),
  }),
})

/** AWS Elemental MediaConvert User Guide, "Using EventBridge with MediaConvert"; statuses we do not wait for stay text. */
const jobState = z.object({
  ...envelope,
  source: z.literal('aws.mediaconvert'),
  'detail-type': z.literal('MediaConvert Job State Change'),
  detail: z.object({
    jobId: z.string(),
    queue: z.string(),
    status: z.string(),
    userMetadata: z.record(z.string(), z.string()).default({}),
    errorCode: z.number().optional(),
    errorMessage: z.string().optional(),
    jobProgress: z.object({ jobPercentComplete: z.number().optional() }).optional(),
  }),
})

/** Amazon S3 User Guide, "EventBridge event message structure". */
const objectCreated = z.object({
  ...envelope,
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.number().nonnegative(),
      etag: z.string(),
      sequencer: z.string().optional(),
    }),
    reason: z.string().optional(),
  }),
})

/** What AWS reports of shows, recordings, encodes and objects: at least once, best effort in order; never the only truth. */
export const awsEvent = z.discriminatedUnion('detail-type', [
  ivsStreamState,
  ivsRecordingState,
  ivsStreamHealth,
  ivsLimitBreach,
  jobState,
  objectCreated,
])
export type AwsEvent = z.infer<typeof awsEvent>
export type AwsEventOf<Type extends AwsEvent['detail-type']> = Extract<AwsEvent, { 'detail-type': Type }>
