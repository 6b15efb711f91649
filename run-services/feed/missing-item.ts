import { Refusal } from '#shared/domain/refusal.ts'

/** What is not public answers like what never was. */
export function missingItem(): Refusal {
  return new Refusal('resource.missing', { detail: 'There is nothing public of this id.' })
}
