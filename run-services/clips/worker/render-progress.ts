import type { ClipRendition } from '#shared/domain/clip.ts'
import type { WorkerContext } from '#shared/service/worker-loop.ts'
import { type RenderProgress, renderProgress } from '../render-job.ts'
import { type ClipLook, clipLook } from './look-ahead.ts'

/** How far a render is, here and in the job's checkpoint. */
export type ProgressKeeper = {
  /** What an earlier run or this one measured. */
  look(): ClipLook | undefined
  /** Every file that is stored, wherever an earlier lease put it. */
  stored(): readonly ClipRendition[]
  /** Keeps what is new; throws when the lease is lost. */
  keep(news: { percent: number; look?: ClipLook; file?: ClipRendition }): Promise<void>
  /** Says how far the work is, now and then; never waits and never throws. */
  tell(percent: number): void
}

/** Between two checkpoints that only say a number, in ms. */
const TELL_MS = 2_000

/** Continues where the checkpoint stopped; checkpoints follow each other in order. */
export function progressKeeper(checkpoint: unknown, save: WorkerContext['save']): ProgressKeeper {
  const earlier = renderProgress.safeParse(checkpoint)
  let state: RenderProgress = earlier.success ? earlier.data : { percent: 0, stored: [] }
  let last: Promise<void> = Promise.resolve()
  let toldAtMs = -Infinity
  const saved = (): Promise<void> => {
    const behind = last
    const now = state
    last = (async () => {
      // Whoever kept the one before has heard of its failure.
      await behind.catch(() => undefined)
      await save(now)
    })()
    return last
  }
  return {
    look: () => {
      const read = clipLook.safeParse(state.look)
      return read.success ? read.data : undefined
    },
    stored: () => state.stored,
    keep: ({ percent, look, file }) => {
      const stored = file === undefined ? state.stored : [...state.stored, file]
      state = { ...state, ...(look && { look }), stored, percent: Math.max(state.percent, percent) }
      return saved()
    },
    tell: percent => {
      if (percent <= state.percent || performance.now() - toldAtMs < TELL_MS) return
      toldAtMs = performance.now()
      state = { ...state, percent }
      saved().catch(() => undefined)
    },
  }
}
