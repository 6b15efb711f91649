import { createHash } from 'node:crypto'
import { rfc3339 } from '#shared/domain/clock.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { TITLE_MAX } from '#shared/service/answer-parts.ts'
import type { Job } from '#shared/service/job-store.ts'
import type { Log } from '#shared/service/log.ts'
import type { TaskContext, TaskOutcome } from '#shared/service/task-routes.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { picksDraft } from './highlight-drafts.ts'
import {
  decidedAfterMs,
  type HighlightPick,
  highlightPicks,
  HOUR_MS,
  lookBackMs,
} from './highlights/highlight-picks.ts'
import { type ClipDraft, type Cutting, makeClip } from './make-clip.ts'
import { needsReview } from './needs-review.ts'
import { type PickInput, pickInput } from './pick-job.ts'
import { countPicks, insertPick, listPicksMeeting, listPicksSettled, settlePick } from './pick-queries.ts'
import { readTape } from './read-tape.ts'
import type { RulesAnswer } from './rules-answer.ts'
import { rulesOf } from './rules-of.ts'
import { getSourceStream, type SourceStream } from './source-queries.ts'

/** Clips made by one run, so that it ends within its lease; the next run makes the rest. */
const CLIPS_PER_RUN = 3
/** A marked place that cannot be decided yet is looked at again so much later, at most so often: longer than measuring is waited for. */
const AGAIN_MS = 60_000
const ROUNDS_MAX = 8

/**
 * Makes the clips that the rules pick of a show, as far as it is known: those of the hour that the news is about.
 *
 * A range is taken once, whichever version of the rules picks it: a pick that meets an earlier one is left out, also when
 * two runs meet. A run that died is finished by the next, since range, version and show name the clip.
 */
export async function pickHighlights(
  deps: ClipsDeps,
  cutting: Cutting,
  job: Pick<Job, 'jobId' | 'subjectId' | 'input'>,
  { signal, log }: TaskContext,
): Promise<TaskOutcome> {
  const input = pickInput.parse(job.input)
  const [stream] = await deps.database.read(getSourceStream(job.subjectId))
  if (stream === undefined) return { result: { made: 0 } }
  const found = await rulesOf(deps.database, stream.creator_id)
  if (!found.rules.enabled) return { result: { made: 0 } }
  const { picks, decided } = await picksDue(deps, stream, found, input)
  let made = 0
  for (const pick of picks) {
    if (made === CLIPS_PER_RUN) break
    signal.throwIfAborted()
    const key = dedupeKeyOf(stream.stream_id, pick, found.version)
    if (!(await takeRange(deps, stream, pick, key, found))) continue
    made += 1
    await makeOne(deps, cutting, draftOf(stream, pick, key, found), log)
    await deps.database.transaction(tx => tx.write(settlePick(stream.stream_id, pick.start_ms)))
  }
  const full = made === CLIPS_PER_RUN
  const unfinished = (full || (input.marked && !decided)) && input.round < ROUNDS_MAX
  const again = unfinished ? lookAgain(deps, stream, job, input, full ? 0 : AGAIN_MS) : undefined
  return { result: { made }, ...(again === undefined ? {} : { effects: again }) }
}

async function makeOne(deps: ClipsDeps, cutting: Cutting, draft: ClipDraft, log: Log): Promise<void> {
  try {
    await makeClip(deps, cutting, draft)
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'clip.no-media')) throw error
    log.warn({ stream_id: draft.stream.stream_id, start_ms: draft.range.startMs }, 'a pick had no media left')
  }
}

/** Picks of the hour that are not settled, and whether the place in question can be decided. */
async function picksDue(
  deps: ClipsDeps,
  stream: SourceStream,
  { rules, version }: RulesAnswer,
  { at_ms: atMs }: PickInput,
): Promise<{ picks: HighlightPick[]; decided: boolean }> {
  const newsMs = Math.max(0, atMs - decidedAfterMs(rules))
  const hourMs = Math.floor(newsMs / HOUR_MS) * HOUR_MS
  const { tape } = await readTape(deps.database, stream, hourMs - lookBackMs(rules), deps.now())
  const rows = await deps.database.read(listPicksSettled(stream.stream_id, hourMs))
  const settled = new Set(rows.map(row => row.dedupe_key))
  const picks = highlightPicks(tape, rules).filter(
    pick => pick.at_ms >= hourMs && !settled.has(dedupeKeyOf(stream.stream_id, pick, version)),
  )
  return { picks, decided: tape.over || atMs <= tape.until_ms - decidedAfterMs(rules) }
}

/** Takes the range for this pick, unless it meets one that was taken, or the hour has enough. */
function takeRange(
  deps: ClipsDeps,
  { stream_id: streamId }: SourceStream,
  { start_ms, end_ms, at_ms }: HighlightPick,
  dedupeKey: string,
  { rules, version }: RulesAnswer,
): Promise<boolean> {
  const hourMs = Math.floor(at_ms / HOUR_MS) * HOUR_MS
  return deps.database.transaction(async tx => {
    const meeting = await tx.read(listPicksMeeting(streamId, start_ms, end_ms))
    if (meeting.length > 0) return meeting.every(pick => pick.dedupe_key === dedupeKey)
    const [taken] = await tx.read(countPicks(streamId, hourMs, hourMs + HOUR_MS))
    if ((taken?.count ?? 0) >= rules.picks_per_hour_max) return false
    await tx.write(
      insertPick({
        stream_id: streamId,
        start_ms,
        end_ms,
        at_ms,
        dedupe_key: dedupeKey,
        rules_version: version,
        settled: false,
      }),
    )
    return true
  })
}

function draftOf(
  stream: SourceStream,
  { start_ms: startMs, end_ms: endMs, score, reasons }: HighlightPick,
  dedupeKey: string,
  { rules }: RulesAnswer,
): ClipDraft {
  return {
    stream,
    range: { startMs, endMs },
    title: titleOf(reasons) ?? stream.title,
    tags: [],
    presets: [],
    crop: 'follow',
    origin: 'highlight',
    requestedBy: undefined,
    marquee: false,
    publishWhenReady: true,
    needsReview: needsReview({ origin: 'highlight', marquee: false, ownShow: true }, rules),
    score,
    reasons,
    dedupeKey,
  }
}

/** What somebody wrote beside the moment. */
function titleOf(reasons: HighlightPick['reasons']): string | undefined {
  const note = reasons.find(reason => reason.signal === 'marker')?.note
  return note === undefined ? undefined : Array.from(note).slice(0, TITLE_MAX).join('')
}

function lookAgain(
  deps: ClipsDeps,
  { stream_id: streamId, creator_id: creatorId }: SourceStream,
  job: Pick<Job, 'jobId'>,
  input: PickInput,
  inMs: number,
): NonNullable<TaskOutcome['effects']> {
  const draft = picksDraft(
    { streamId, creatorId },
    `after ${job.jobId}`,
    { ...input, round: input.round + 1 },
    rfc3339(deps.now() + inMs),
  )
  return async tx => [await deps.jobs.add(tx, draft)]
}

/** The name of a pick: the same show, range and rules give the same one. */
function dedupeKeyOf(streamId: string, { start_ms, end_ms }: HighlightPick, version: number): string {
  return createHash('sha256').update(`${streamId} ${start_ms} ${end_ms} ${version}`).digest('hex')
}
