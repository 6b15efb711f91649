import type { RandomBytes } from '#shared/domain/id.ts'
import type { Queue } from '#shared/domain/topology.ts'

const MS_PER_S = 1000
const CHANCE_BYTES = 4
const CHANCE_RANGE = 2 ** 32

/**
 * How long a job waits after its `attempt`th failure, in ms: the queue's first delay doubled per attempt up to its
 * longest, of which a random half is left out so that what failed together does not come back together.
 */
export function backoffMs(
  queue: Pick<Queue, 'backoffMinS' | 'backoffMaxS'>,
  attempt: number,
  random: RandomBytes,
): number {
  const fullS = Math.min(queue.backoffMaxS, queue.backoffMinS * 2 ** Math.max(0, attempt - 1))
  const bytes = random(CHANCE_BYTES)
  const chance = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) / CHANCE_RANGE
  return Math.round(fullS * MS_PER_S * (1 - chance / 2))
}
