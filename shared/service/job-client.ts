import type { z } from 'zod'
import { Refusal, type RefusalCode, REFUSALS } from '#shared/domain/refusal.ts'
import { guardedCall } from './guarded-call.ts'
import { leaseAnswer } from './job-routes.ts'
import { currentTraceparent } from './trace.ts'

export type WorkerLease = z.infer<typeof leaseAnswer>

/** The control plane as a worker sees it: four calls about a job, nothing else. */
export interface JobClient {
  lease(jobId: string): Promise<WorkerLease>
  checkpoint(jobId: string, token: number, data?: unknown): Promise<void>
  finish(jobId: string, token: number, result: unknown): Promise<void>
  fail(jobId: string, token: number, error: { message: string; code?: string }, retryable: boolean): Promise<void>
}

const CALL_MS_MAX = 10_000
/** With the delays between them about 6 s: a restart of the control process is outlived. */
const RETRIES = 6

/** Speaks `POST /internal/{service}/jobs/{id}/…` over HTTP with signed calls; refusals come back as the refusals they were. */
export function jobClient(options: {
  control: URL
  /** The service that owns the job. */
  service: string
  /** A bearer token for a call to that service. */
  bearer: () => Promise<string>
  owner: string
}): JobClient {
  const guarded = guardedCall({ name: 'the control process', timeoutMs: CALL_MS_MAX, retries: RETRIES })

  function post(jobId: string, verb: string, body: unknown): Promise<unknown> {
    return guarded(async signal => {
      const traceparent = currentTraceparent()
      const response = await fetch(
        new URL(`/internal/${options.service}/jobs/${encodeURIComponent(jobId)}/${verb}`, options.control),
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${await options.bearer()}`,
            'content-type': 'application/json',
            ...(traceparent === undefined ? {} : { traceparent }),
          },
          body: JSON.stringify(body),
          signal,
        },
      )
      if (!response.ok) throw await refusalOfAnswer(response)
      return response.status === 204 ? undefined : response.json()
    })
  }

  return {
    lease: async jobId => leaseAnswer.parse(await post(jobId, 'lease', { owner: options.owner })),
    checkpoint: async (jobId, token, data) => void (await post(jobId, 'checkpoint', { token, data })),
    finish: async (jobId, token, result) => void (await post(jobId, 'finish', { token, result })),
    fail: async (jobId, token, error, retryable) => void (await post(jobId, 'fail', { token, error, retryable })),
  }
}

async function refusalOfAnswer(response: Response): Promise<Refusal> {
  const text = await response.text()
  const problem = parsed(text)
  const code: RefusalCode = isCode(problem.code) ? problem.code : 'service.unavailable'
  return new Refusal(code, { detail: problem.detail ?? `The control process answered ${response.status}.` })
}

function parsed(text: string): { code?: unknown; detail?: string } {
  try {
    return JSON.parse(text) as { code?: unknown; detail?: string }
  } catch {
    return {}
  }
}

function isCode(code: unknown): code is RefusalCode {
  return typeof code === 'string' && Object.hasOwn(REFUSALS, code)
}
