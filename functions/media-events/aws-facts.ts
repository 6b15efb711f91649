import type { AwsEvent, AwsEventOf } from '#shared/domain/aws-event.ts'
import { recordedChannel } from '#shared/domain/hand-off.ts'
import { ivsShowId } from '#shared/domain/ivs-names.ts'
import type { RawFacts, TypedFacts } from './typed-event.ts'

/** On IVS each connection is a session of its own. */
const EPOCH = 1

const STREAM_CHANGES = {
  'Stream Start': 'started',
  'Stream End': 'stopped',
  'Stream Failure': 'stopped',
  'Session Ended': 'session-ended',
} as const
const RECORDING_CHANGES = {
  'Recording Start': 'started',
  'Recording End': 'ended',
  'Recording Start Failure': 'failed',
  'Recording End Failure': 'failed',
} as const
const JOB_STATES: Readonly<Record<string, 'submitted' | 'progressing' | 'done' | 'failed' | 'canceled'>> = {
  SUBMITTED: 'submitted',
  PROGRESSING: 'progressing',
  STATUS_UPDATE: 'progressing',
  COMPLETE: 'done',
  ERROR: 'failed',
  CANCELED: 'canceled',
}

/** What an event of AWS says; pure. Undefined for what tells nothing we act on. */
export function awsFacts(raw: AwsEvent, facts: RawFacts): TypedFacts | undefined {
  switch (raw['detail-type']) {
    case 'IVS Stream State Change':
      return streamState(raw, facts)
    case 'IVS Recording State Change':
      return recordingState(raw, facts)
    case 'IVS Stream Health Change': {
      const starving = raw.detail.event_name === 'Starvation Start'
      return { type: 'provider.starvation', data: { ...facts, ...showOf(raw), starving } }
    }
    case 'IVS Limit Breach':
      return limit(raw, facts)
    case 'MediaConvert Job State Change':
      return jobState(raw, facts)
    case 'Object Created':
    default:
      return objectCreated(raw, facts)
  }
}

function showOf({ resources: [ref], detail }: { resources: [string]; detail: { stream_id: string } }) {
  return { channel_ref: ref, provider_stream_id: ivsShowId(ref, detail.stream_id) }
}

function streamState(raw: AwsEventOf<'IVS Stream State Change'>, facts: RawFacts): TypedFacts | undefined {
  const { event_name: name, reason } = raw.detail
  // A session is there before its media is, and a takeover is told as an end and a start as well.
  if (name === 'Session Created' || name === 'Stream Takeover') return undefined
  const why = reason ?? (name === 'Stream Failure' ? 'failure' : undefined)
  return {
    type: 'provider.stream_state',
    data: {
      ...facts,
      ...showOf(raw),
      change: STREAM_CHANGES[name],
      epoch: EPOCH,
      ...(why === undefined ? {} : { reason: why }),
    },
  }
}

function recordingState(raw: AwsEventOf<'IVS Recording State Change'>, facts: RawFacts): TypedFacts {
  const { recording_status, recording_s3_key_prefix, recording_duration_ms } = raw.detail
  return {
    type: 'provider.recording_state',
    data: {
      ...facts,
      ...showOf(raw),
      change: RECORDING_CHANGES[recording_status],
      prefix: `${recording_s3_key_prefix}/`,
      ...(recording_duration_ms === undefined ? {} : { duration_ms: Math.round(recording_duration_ms) }),
    },
  }
}

function limit(raw: AwsEventOf<'IVS Limit Breach'>, facts: RawFacts): TypedFacts {
  const { limit_name, limit_value, exceeded_by, limit_unit, stream_id } = raw.detail
  const [ref] = raw.resources
  return {
    type: 'provider.limit',
    data: {
      ...facts,
      channel_ref: ref,
      ...(stream_id === undefined ? {} : { provider_stream_id: ivsShowId(ref, stream_id) }),
      limit: limit_name,
      value: limit_value,
      exceeded_by,
      ...(limit_unit === undefined ? {} : { unit: limit_unit }),
    },
  }
}

function jobState(raw: AwsEventOf<'MediaConvert Job State Change'>, facts: RawFacts): TypedFacts | undefined {
  const { jobId, status, userMetadata, errorCode, errorMessage, jobProgress } = raw.detail
  const state = JOB_STATES[status]
  if (state === undefined) return undefined
  const jobIdOfOurs = userMetadata['job_id']
  const percent = jobProgress?.jobPercentComplete
  return {
    type: 'provider.job_state',
    data: {
      ...facts,
      provider_job_id: jobId,
      state,
      ...(jobIdOfOurs === undefined ? {} : { job_id: jobIdOfOurs }),
      ...(percent === undefined ? {} : { percent }),
      ...(errorCode === undefined ? {} : { error: { code: String(errorCode), message: errorMessage ?? '' } }),
    },
  }
}

function objectCreated(raw: AwsEventOf<'Object Created'>, facts: RawFacts): TypedFacts {
  const { bucket, object } = raw.detail
  const channel = recordedChannel(raw.region, object.key)
  return {
    type: 'provider.object_created',
    data: {
      ...facts,
      bucket: bucket.name,
      key: object.key,
      bytes: object.size,
      etag: object.etag,
      ...(channel === undefined ? {} : { channel_ref: channel }),
    },
  }
}
