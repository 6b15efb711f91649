import { rfc3339 } from '#shared/domain/clock.ts'
import type { EventOf } from '#shared/domain/domain-event.ts'
import { mayMove, STREAM_MOVES } from '#shared/domain/state-machine.ts'
import { firstTime } from '#shared/service/inbox.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import { archiveInput } from './archive-job.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { archivePart, failStream } from './finish-archive.ts'
import { getStream } from './stream-queries.ts'

const CONSUMER = 'channels--jobs'
/** Rounds of attempts before a recording is given up: about three days, for an outage to end. */
const ROUNDS_MAX = 80
/** Delay of the first further round, in ms; doubled up to the longest. */
const DELAY_FIRST_MS = 30_000
const DELAY_MAX_MS = 3_600_000

/**
 * Goes on with a verification whose attempts were used up while something was away; in the end the show has failed. Dead
 * jobs of other kinds are the reconciler's.
 */
export async function onJobDead(deps: ChannelsDeps, event: EventOf<'job.dead'>): Promise<void> {
  if (event.data.kind !== 'archive-stream') return
  const job = await deps.jobs.get(event.data.job_id)
  const input = archiveInput.safeParse(job?.input)
  const wakes = await deps.database.transaction(async tx => {
    if (!(await firstTime(tx, event.id, CONSUMER)) || !input.success) return []
    const [stream] = await tx.read(getStream(event.data.subject_id))
    if (stream === undefined || !mayMove(STREAM_MOVES, stream.state, 'failed')) return []
    const round = input.data.round + 1
    if (round >= ROUNDS_MAX) {
      await failStream(tx, deps, stream, 'archive-given-up', stream.archive)
      return []
    }
    const delayMs = Math.min(DELAY_MAX_MS, DELAY_FIRST_MS * 2 ** Math.min(round - 1, 10))
    const next = archivePart(stream.stream_id, stream.creator_id, input.data.from_seq, round)
    return [await deps.jobs.add(tx, { ...next, notBefore: rfc3339(deps.now() + delayMs) })]
  })
  await jobWakes(deps.queue, deps.log).send(wakes)
}
