import { useState } from 'preact/hooks'
import type { QueuedClip } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { randomKey } from '../api/random-key.ts'

export type Verdict = { verdict: 'approve' | 'reject'; reason?: string }

/** A verdict of this tab: on its way, taken (with what the clip is now), or refused. */
export type Decision = Verdict & { clipId: string } & (
    | { phase: 'sending' }
    | { phase: 'taken'; now: QueuedClip }
    | { phase: 'refused'; problem: unknown }
  )

export type Verdicts = {
  decisions: ReadonlyMap<string, Decision>
  decide: (clipId: string, verdict: Verdict) => Promise<void>
}

/** Sends verdicts and remembers what came of them; a clip counts as decided only once the server says so. */
export function useVerdicts(token: string, onTaken: () => void): Verdicts {
  const [decisions, setDecisions] = useState<ReadonlyMap<string, Decision>>(new Map())
  const note = (decision: Decision): void => setDecisions(known => new Map(known).set(decision.clipId, decision))
  const decide = async (clipId: string, verdict: Verdict): Promise<void> => {
    const common = { clipId, ...verdict }
    note({ ...common, phase: 'sending' })
    try {
      const now = await call('POST /v1/clips/{id}/reviews', {
        params: { id: clipId },
        body: verdict,
        token,
        idempotencyKey: randomKey(),
      })
      note({ ...common, phase: 'taken', now })
      onTaken()
    } catch (problem) {
      note({ ...common, phase: 'refused', problem })
    }
  }
  return { decisions, decide }
}

/** Whether a clip still waits for somebody here: a verdict on its way or taken for good takes it out of sight. */
export function stillWaits(decision: Decision | undefined): boolean {
  if (decision === undefined || decision.phase === 'refused') return true
  return decision.phase === 'taken' && decision.now.clip.state === 'in_review'
}
