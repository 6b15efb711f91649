import * as mediaconvert from '@aws-sdk/client-mediaconvert'
import { type AwsModelFake, awsModelFake, ModelError, type WireFields } from './aws-model-fake.ts'

/** AWS Elemental MediaConvert in memory; its jobs go on by the test's hand. */
export type MediaconvertFake = AsyncDisposable & {
  url: string
  calls: AwsModelFake['calls']
  /** Changes what is known of a job. */
  set(ref: string, facts: WireFields): void
}

/** What nobody could check without an account. */
export const MEDIACONVERT_UNCHECKED = [
  'CreateJob: whether the settings are taken; the model names the members, not what they allow together',
  'CreateJob: for how long a client request token is remembered',
  'CancelJob: the error of a job that has ended',
  'The names of manifests and segments under the destination, and that rungs are cut at the same instants',
] as const

const ENDED = new Set(['COMPLETE', 'ERROR', 'CANCELED'])

/** Jobs by their client request token; a source whose name says so is refused, as settings are that cannot work. */
export async function mediaconvertFake(): Promise<MediaconvertFake> {
  const jobs = new Map<string, WireFields>()
  const known = (id: unknown): WireFields => {
    const job = jobs.get(String(id))
    if (job === undefined) throw new ModelError('NotFoundException', 'There is no such job.')
    return job
  }
  const fake = await awsModelFake(mediaconvert, {
    CreateJob: ({ clientRequestToken, settings, role, queue, userMetadata }) => {
      const before = [...jobs.values()].find(job => job['clientRequestToken'] === clientRequestToken)
      if (before !== undefined) return { job: before }
      const { outputGroups } = settings as { outputGroups: { outputs: unknown[] }[] }
      if (outputGroups.some(({ outputs }) => outputs.length === 0)) {
        throw new ModelError('BadRequestException', '/outputGroups: an output group has at least one output.')
      }
      const id = `1732125611-smb6${jobs.size}`
      const job = { id, clientRequestToken, settings, role, queue, userMetadata, status: 'SUBMITTED' }
      jobs.set(id, job)
      return { job }
    },
    GetJob: ({ Id }) => ({ job: known(Id) }),
    CancelJob: ({ Id }) => {
      const job = known(Id)
      if (ENDED.has(String(job['status']))) throw new ModelError('ConflictException', 'The job has ended.')
      job['status'] = 'CANCELED'
      return {}
    },
  })
  return {
    url: fake.url,
    calls: fake.calls,
    set: (ref, facts) => void Object.assign(known(ref), facts),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}
