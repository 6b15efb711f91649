import type { Clock } from '#shared/domain/clock.ts'

/** Timed metadata a channel may place in one second, as on IVS. */
export const METADATA_PER_SECOND_MAX = 5
const SECOND_MS = 1_000
/** Channels remembered; those without recent metadata are forgotten first. */
const CHANNELS_MAX = 1_000

/** Whether a channel may place another piece of metadata now; counts it when it may. */
export function metadataRate(now: Clock): (ref: string) => boolean {
  const placed = new Map<string, number[]>()
  return ref => {
    const recent = (placed.get(ref) ?? []).filter(atMs => now() - atMs < SECOND_MS)
    const allowed = recent.length < METADATA_PER_SECOND_MAX
    if (allowed) recent.push(now())
    placed.delete(ref)
    placed.set(ref, recent)
    const oldest = placed.keys().next()
    if (placed.size > CHANNELS_MAX && !oldest.done) placed.delete(oldest.value)
    return allowed
  }
}
