import type { EventOf } from '#shared/domain/domain-event.ts'
import { firstTime } from '#shared/service/inbox.ts'
import { jobWakes } from '#shared/service/job-wakes.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { archivePart } from './finish-archive.ts'

const CONSUMER = 'channels--streams'

/** Asks for the verification of a finished show's recording, once. */
export async function onStreamEnded(deps: ChannelsDeps, event: EventOf<'stream.ended'>): Promise<void> {
  const wakes = await deps.database.transaction(async tx => {
    if (!(await firstTime(tx, event.id, CONSUMER))) return []
    return [await deps.jobs.add(tx, archivePart(event.data.stream_id, event.data.creator_id, 0))]
  })
  await jobWakes(deps.queue, deps.log).send(wakes)
}
