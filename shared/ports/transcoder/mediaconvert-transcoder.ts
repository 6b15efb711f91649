import {
  CancelJobCommand,
  CreateJobCommand,
  GetJobCommand,
  type Job,
  MediaConvertClient,
  type MediaConvertClientConfig,
  MediaConvertServiceException,
} from '@aws-sdk/client-mediaconvert'
import { z } from 'zod'
import { Refusal } from '#shared/domain/refusal.ts'
import { manifestsOf, mediaconvertJob } from './mediaconvert-job.ts'
import type { EncodeStatus, Transcoder } from './transcoder.ts'

export type MediaconvertTranscoderOptions = {
  region: string
  /** Keyless, from `awsWebIdentity`; a fake takes any. */
  credentials: NonNullable<MediaConvertClientConfig['credentials']>
  /** A fake's, e.g. `http://127.0.0.1:5002`. */
  endpoint?: string
  /** Where sources lie and results go. */
  bucket: string
  /** The role MediaConvert takes on to read and write there. */
  roleArn: string
  queueArn: string
}

const ATTEMPTS = 4
const CONNECT_MS_MAX = 2_000
const ANSWER_MS_MAX = 8_000
/** All tries of one call together, in ms. */
const CALL_MS_MAX = 15_000
const RETRY_AFTER_S = 10
/** How often MediaConvert tells EventBridge how far it is. */
const TOLD_EVERY = 'SECONDS_20'
/** Names in the metadata of a job, which its events carry. */
const JOB_ID = 'job_id'
const PREFIX = 'prefix'

const metadata = z.object({ [PREFIX]: z.string() })
/** The encode can never work as it was asked for. */
const REJECTED = new Set(['BadRequestException', 'UnprocessableEntityException'])
const ENDED = new Set(['ConflictException', 'NotFoundException', 'BadRequestException'])

/** AWS Elemental MediaConvert; our job's id is its client request token, so a request sent twice is one encode. */
export function mediaconvertTranscoder(options: MediaconvertTranscoderOptions): Transcoder & Disposable {
  const { region, credentials, endpoint, bucket, roleArn, queueArn } = options
  const client = new MediaConvertClient({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS_MAX, requestTimeout: ANSWER_MS_MAX },
  })
  return {
    async start(spec, signal) {
      const command = new CreateJobCommand({
        ClientRequestToken: spec.jobId,
        Role: roleArn,
        Queue: queueArn,
        StatusUpdateInterval: TOLD_EVERY,
        UserMetadata: { [JOB_ID]: spec.jobId, [PREFIX]: spec.prefix },
        Settings: mediaconvertJob(spec, bucket),
      })
      const { Job: made } = await asked(async abortSignal => await client.send(command, { abortSignal }), signal)
      return { ref: made?.Id ?? '' }
    },
    async status(ref, signal) {
      try {
        const command = new GetJobCommand({ Id: ref })
        const { Job: found } = await asked(async abortSignal => await client.send(command, { abortSignal }), signal)
        return found === undefined ? undefined : statusOf(found)
      } catch (error) {
        if (nameOf(error) === 'NotFoundException') return undefined
        throw error
      }
    },
    async cancel(ref, signal) {
      try {
        const command = new CancelJobCommand({ Id: ref })
        await asked(async abortSignal => await client.send(command, { abortSignal }), signal)
      } catch (error) {
        if (!ENDED.has(nameOf(error))) throw error
      }
    },
    [Symbol.dispose]: () => client.destroy(),
  }
}

function statusOf(job: Job): EncodeStatus {
  switch (job.Status) {
    case 'COMPLETE':
      return { state: 'done', ...manifestsOf({ prefix: metadata.parse(job.UserMetadata)[PREFIX] }) }
    case 'ERROR':
      return {
        state: 'failed',
        error: { code: String(job.ErrorCode ?? 0), message: job.ErrorMessage ?? 'MediaConvert gave no reason.' },
      }
    case 'CANCELED':
      return { state: 'canceled' }
    case 'PROGRESSING':
      return { state: 'progressing', percent: job.JobPercentComplete ?? 0 }
    case 'SUBMITTED':
    case undefined:
    default:
      return { state: 'submitted', percent: 0 }
  }
}

/** Runs one call; its failure is the refusal that the port names, with what MediaConvert said as its cause. */
async function asked<Answer>(call: (signal: AbortSignal) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  const limit = AbortSignal.timeout(CALL_MS_MAX)
  try {
    return await call(signal === undefined ? limit : AbortSignal.any([signal, limit]))
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof MediaConvertServiceException && REJECTED.has(error.name)) {
      throw new Refusal('media.rejected', { detail: `MediaConvert: ${error.message}`, cause: error })
    }
    throw new Refusal('service.unavailable', {
      detail: `MediaConvert: ${error instanceof Error ? error.name : 'no answer'}.`,
      retryAfterS: RETRY_AFTER_S,
      cause: error,
    })
  }
}

/** What MediaConvert called the failure behind a refusal. */
function nameOf(error: unknown): string {
  return error instanceof Refusal && error.cause instanceof MediaConvertServiceException ? error.cause.name : ''
}
