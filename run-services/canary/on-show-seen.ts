import type { CanaryMark } from '#shared/domain/canary.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { PushContext, PushedEvent } from '#shared/service/push-routes.ts'
import type { CanaryDeps } from './canary-deps.ts'
import { channelByRef, insertMark, runOnChannel } from './canary-queries.ts'

/** A report that is older than its run by more than this is another show's, in ms; IVS tells whole seconds. */
const EARLIER_MS_MAX = 5_000

type Marks = Partial<Record<CanaryMark, string>>

/** Marks when the media plane reported a synthetic show, when that was on the bus, and that it was delivered. */
export async function onShowReported(
  deps: CanaryDeps,
  event: PushedEvent<'canaries--media'>,
  { publishedAt }: PushContext,
): Promise<void> {
  const { change, channel_ref, provider_time } = event.data
  if (change !== 'started') return
  const [channel] = await deps.database.read(channelByRef(channel_ref))
  if (channel === undefined) return
  const marks = { reported: provider_time, 'handed-off': publishedAt, delivered: rfc3339(deps.now()) }
  await mark(deps, channel.channel_id, Date.parse(provider_time), marks)
}

/** Marks when a synthetic show was committed, when its event was on the bus, and that it was told. */
export async function onShowStarted(
  deps: CanaryDeps,
  event: PushedEvent<'canaries--streams'>,
  { publishedAt }: PushContext,
): Promise<void> {
  const marks = { committed: event.time, relayed: publishedAt, told: rfc3339(deps.now()) }
  await mark(deps, event.data.channel_id, Date.parse(event.time), marks)
}

async function mark(deps: CanaryDeps, channelId: string, atMs: number, marks: Marks): Promise<void> {
  const [run] = await deps.database.read(runOnChannel(channelId))
  if (run === undefined || atMs < Date.parse(run.started_at) - EARLIER_MS_MAX) return
  await deps.database.transaction(async tx => {
    for (const [name, at] of Object.entries(marks)) {
      await tx.write(insertMark(run.run_id, name as CanaryMark, rfc3339(Date.parse(at))))
    }
  })
}
