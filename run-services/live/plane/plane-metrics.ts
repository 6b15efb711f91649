import { gauge } from '#shared/service/telemetry.ts'
import type { EventSpool } from './event-spool.ts'
import type { LiveShows } from './live-shows.ts'

/** Declares what `/metrics` says of the plane; values are taken when it is read. */
export function planeMetrics({ shows, spool }: { shows: LiveShows; spool: EventSpool }): void {
  const slots = () => [...shows.slots.values()]
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

  gauge('live_shows', 'Shows by state', result => {
    const states = slots().map(({ show }) => show?.leased().state)
    for (const state of ['live', 'waiting', 'closing'] as const) {
      result.observe(states.filter(each => each === state).length, { state })
    }
  })
  gauge('live_ingest_bytes', 'Bytes received from the publishers that are on', result =>
    result.observe(sum(slots().map(({ connection }) => connection?.publication.received().bytes ?? 0))),
  )
  gauge('live_segments_produced', 'Segments closed by the packager, of shows that are open', result =>
    result.observe(sum(slots().map(({ show }) => show?.show.totals().segmentsProduced ?? 0))),
  )
  gauge('live_segments_stored', 'Segments stored, of shows that are open', result =>
    result.observe(sum(slots().map(({ show }) => show?.show.totals().segmentsStored ?? 0))),
  )
  gauge('live_encoder_restarts', 'Encoders that were restarted for the publishers that are on', result =>
    result.observe(
      sum(slots().map(({ connection }) => Math.max(0, (connection?.encoding?.stats().encoders ?? 1) - 1))),
    ),
  )
  gauge('live_dropped_gops', 'Groups of pictures left out because the machine was too slow', result =>
    result.observe(sum(slots().map(({ connection }) => connection?.encoding?.stats().droppedGops ?? 0))),
  )
  gauge('live_spool_events', 'Events that are not acknowledged yet', result => {
    const { waiting, unwritten, givenUp } = spool.counts()
    result.observe(waiting, { place: 'store' })
    result.observe(unwritten, { place: 'memory' })
    result.observe(givenUp, { place: 'lost' })
  })
}
