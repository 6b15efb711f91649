import type { ProviderEvent } from '#shared/domain/provider-event.ts'

/** What became of one event: it is held durably by whoever hears of it, can never be taken as it is, or may be later. */
export type ReportVerdict = 'taken' | 'refused' | 'later'

/**
 * Where a media plane tells what happens to its shows: at least once, each fact always under the same id.
 *
 * An event counts as told when its verdict is `taken`, and only then; whoever tells keeps it until then. Order is kept as
 * far as the way keeps any: consumers take a report for a hint.
 */
export interface Reports {
  /** The most events of one call. */
  readonly eventsMax: number
  /** One verdict for each event, in their order. Throws when there was no answer at all; `attempt` counts from 1. */
  tell(
    events: readonly ProviderEvent[],
    options: { attempt: number; signal: AbortSignal },
  ): Promise<readonly ReportVerdict[]>
}
