import type { HealthSample } from '#shared/domain/provider-event.ts'

/** The newest samples of the shows that are on the air, in memory and bounded; what a restart forgets is only a plot. */
export type HealthSeries = {
  /** Samples are kept once each, in the order of their instants. */
  add(providerStreamId: string, sample: HealthSample): void
  recent(providerStreamId: string): readonly HealthSample[]
}

/** Samples kept of one show: ten minutes at one every two seconds. */
const SAMPLES_MAX = 300
const SHOWS_MAX = 500

/** A series that forgets the show it has heard nothing of for longest. */
export function healthSeries(): HealthSeries {
  const shows = new Map<string, HealthSample[]>()
  return {
    add(id, sample) {
      const samples = shows.get(id) ?? []
      shows.delete(id)
      shows.set(id, samples)
      const newer = samples.findIndex(({ at }) => Date.parse(at) >= Date.parse(sample.at))
      if (newer >= 0 && samples[newer]?.at === sample.at) return
      samples.splice(newer < 0 ? samples.length : newer, 0, sample)
      if (samples.length > SAMPLES_MAX) samples.shift()
      const [oldest] = shows.keys()
      if (shows.size > SHOWS_MAX && oldest !== undefined) shows.delete(oldest)
    },
    recent: id => shows.get(id) ?? [],
  }
}
