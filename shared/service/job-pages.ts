import { createRoute, z } from '@hono/zod-openapi'
import { Refusal } from '#shared/domain/refusal.ts'
import { JOB_MOVES, type JobState } from '#shared/domain/state-machine.ts'
import type { TaskQueue } from '#shared/ports/task-queue/task-queue.ts'
import { answer, byId, instant } from './answer-parts.ts'
import type { Job, JobStore } from './job-store.ts'
import { jobWakes } from './job-wakes.ts'
import { type Page, page, pageOf, type PageCursors, pageQuery } from './page-cursor.ts'
import type { Principal } from './principal.ts'
import type { ServiceApp } from './service-app.ts'

const STATES = Object.keys(JOB_MOVES) as [JobState, ...JobState[]]

/** A job as people see it: nothing of leases and inputs. */
const jobAnswer = z
  .object({
    id: z.string(),
    kind: z.string(),
    subject_id: z.string(),
    state: z.enum(STATES),
    attempt: z.int(),
    /** How far the work is, where its worker tells. */
    percent: z.number().optional(),
    created_at: instant,
    /** When it runs next, while it waits. */
    ready_at: instant.optional(),
    error: z.object({ message: z.string(), code: z.string().optional() }).optional(),
  })
  .openapi('Job')
export type JobAnswer = z.infer<typeof jobAnswer>

const jobsQuery = pageQuery.extend({ state: z.enum(STATES).optional() })

/** What people may see of work that outlives a request. */
export const jobsContract = {
  listJobs: createRoute({
    method: 'get',
    path: '/v1/jobs',
    request: { query: jobsQuery },
    responses: { 200: answer(pageOf(jobAnswer), 'Your jobs, newest first; an administrator sees everyone’s') },
  }),
  getJob: createRoute({
    method: 'get',
    path: '/v1/jobs/{id}',
    request: { params: byId },
    responses: { 200: answer(jobAnswer, 'The job') },
  }),
  retryJob: createRoute({
    method: 'post',
    path: '/v1/jobs/{id}/retry',
    request: { params: byId },
    responses: { 202: answer(jobAnswer, 'The dead job, with all its attempts again') },
  }),
} as const

/** What a page calls, by `METHOD /path`. */
export type JobsApi = {
  'GET /v1/jobs': { query?: { limit?: number; cursor?: string; state?: JobState }; answer: Page<JobAnswer> }
  'GET /v1/jobs/{id}': { params: { id: string }; answer: JobAnswer }
  'POST /v1/jobs/{id}/retry': { params: { id: string }; answer: JobAnswer }
}

const progress = z.object({ percent: z.number().min(0).max(100) })

/** `GET /v1/jobs`, `GET /v1/jobs/{id}` and `POST …/retry`, for every kind of job; a foreign job answers like an unknown one. */
export function jobPages(
  app: ServiceApp,
  { jobs, queue, cursors }: { jobs: JobStore; queue: TaskQueue; cursors: PageCursors },
): void {
  app.openapi(jobsContract.listJobs, async c => {
    const { limit, cursor, state } = c.req.valid('query')
    const ownerId = ownerOf(c.get('principal'))
    const scope = `jobs ${ownerId ?? 'all'} ${state ?? 'any'}`
    const [createdAt, jobId] = cursor === undefined ? [] : cursors.open(cursor, scope)
    const before = createdAt === undefined ? undefined : { createdAt: String(createdAt), jobId: String(jobId) }
    const rows = await jobs.list({ ownerId, state, before }, limit + 1)
    return c.json(
      page(rows, limit, present, job => cursors.seal([job.createdAt, job.jobId], scope)),
      200,
    )
  })

  app.openapi(jobsContract.getJob, async c =>
    c.json(present(await visible(jobs, c.get('principal'), c.req.valid('param').id)), 200),
  )

  app.openapi(jobsContract.retryJob, async c => {
    const { jobId } = await visible(jobs, c.get('principal'), c.req.valid('param').id)
    const job = await jobs.retry(jobId)
    await jobWakes(queue).send([job])
    return c.json(present(job), 202)
  })
}

/** Whose jobs the caller sees; everyone's for administrators. */
function ownerOf(principal: Principal): string | undefined {
  if (principal.kind !== 'user') throw new Refusal('auth.missing', { detail: 'Only a person can do this.' })
  return principal.roles.includes('admin') ? undefined : principal.id
}

async function visible(jobs: JobStore, principal: Principal, jobId: string): Promise<Job> {
  const job = await jobs.get(jobId)
  const owner = ownerOf(principal)
  if (job === undefined || (owner !== undefined && job.ownerId !== owner)) {
    throw new Refusal('resource.missing', { detail: 'There is no such job.' })
  }
  return job
}

function present(job: Job): JobAnswer {
  const told = progress.safeParse(job.checkpoint)
  return {
    id: job.jobId,
    kind: job.kind,
    subject_id: job.subjectId,
    state: job.state,
    attempt: job.attempt,
    created_at: job.createdAt,
    ...(told.success ? { percent: told.data.percent } : {}),
    ...(job.readyAt === undefined ? {} : { ready_at: job.readyAt }),
    ...(job.error === undefined ? {} : { error: job.error }),
  }
}
