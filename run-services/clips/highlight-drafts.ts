import type { z } from 'zod'
import type { JobDraft } from '#shared/service/job-store.ts'
import { MEASURE_RECIPE, type measureInput } from './measure-job.ts'
import { PICK_RECIPE, type PickInput } from './pick-job.ts'
import type { SegmentRun } from './signals-runs.ts'

type Show = { streamId: string; creatorId: string }

/** The job that measures those segments of a show. */
export function measureDraft({ streamId, creatorId }: Show, { fromSeq, toSeq }: SegmentRun): JobDraft {
  return {
    kind: 'measure-stream',
    subjectId: streamId,
    ownerId: creatorId,
    recipe: `${MEASURE_RECIPE} ${fromSeq} ${toSeq}`,
    input: { from_seq: fromSeq, to_seq: toSeq } satisfies z.input<typeof measureInput>,
  }
}

/** The job that picks from a show what became decidable; `why` names what happened. */
export function picksDraft({ streamId, creatorId }: Show, why: string, input: PickInput, notBefore?: string): JobDraft {
  return {
    kind: 'pick-highlights',
    subjectId: streamId,
    ownerId: creatorId,
    recipe: `${PICK_RECIPE} ${why} ${input.round}`,
    input,
    ...(notBefore === undefined ? {} : { notBefore }),
  }
}
