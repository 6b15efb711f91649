import { counter, gauge } from '#shared/service/telemetry.ts'
import type { EventSpool } from './event-spool.ts'
import type { LiveShows } from './live-shows.ts'
import type { Connection } from './run-connection.ts'

/** What `/metrics` counts of the plane. */
export const PLANE_COUNTERS = {
  ingestBytes: counter('showreel_live_ingest_bytes', 'Bytes received from publishers'),
  refused: counter('showreel_live_publishers_refused', 'Publishers refused before media, by reason'),
  encoderRestarts: counter(
    'showreel_live_encoder_restarts',
    'Encoders that were replaced while their publisher was on',
  ),
  droppedGops: counter('showreel_live_dropped_gops', 'Groups of pictures left out because the machine was too slow'),
  segmentsStored: counter('showreel_live_segments_stored', 'Segments stored and reported'),
  showsEnded: counter('showreel_live_shows_ended', 'Shows that ended, by reason'),
} as const

/** Declares what `/metrics` says of the plane's present; values are taken when it is read. */
export function planeMetrics({ shows, spool }: { shows: LiveShows; spool: EventSpool }): void {
  const slots = () => [...shows.slots.values()]
  gauge('showreel_live_shows', 'Shows by state', result => {
    const states = slots().map(({ show }) => show?.leased().state)
    for (const state of ['live', 'waiting', 'closing'] as const) {
      result.observe(states.filter(each => each === state).length, { state })
    }
  })
  gauge('showreel_live_lag_seconds', 'How far the show furthest behind is behind its publisher', result =>
    result.observe(Math.max(0, ...slots().map(({ health }) => (health?.lag_ms ?? 0) / 1000))),
  )
  gauge('showreel_live_segments_unstored', 'Segments produced and not yet stored, of shows that are open', result => {
    const totals = slots().flatMap(({ show }) => show?.show.totals() ?? [])
    const unstored = totals.map(({ segmentsProduced, segmentsStored }) => segmentsProduced - segmentsStored)
    result.observe(unstored.reduce((sum, count) => sum + count, 0))
  })
  gauge(
    'showreel_live_spool_events',
    'Events that are not acknowledged yet; lost are those no room was left for',
    result => {
      const { waiting, unwritten, givenUp } = spool.counts()
      result.observe(waiting, { place: 'store' })
      result.observe(unwritten, { place: 'memory' })
      result.observe(givenUp, { place: 'lost' })
    },
  )
}

/** Adds what came over a connection since it was last counted. */
export function countTraffic(connection: Connection): void {
  const { bytes } = connection.publication.received()
  const droppedGops = connection.encoding?.stats().droppedGops ?? 0
  PLANE_COUNTERS.ingestBytes.add(bytes - connection.counted.bytes)
  PLANE_COUNTERS.droppedGops.add(droppedGops - connection.counted.droppedGops)
  connection.counted = { bytes, droppedGops }
}
