import type { Clock } from '#shared/domain/clock.ts'
import { coresOfPlan, planLadder } from '#shared/media/ladder.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { Log } from '#shared/service/log.ts'
import { readSource } from './ingest/read-source.ts'
import { encodePublication } from './ladder/encode-publication.ts'
import { recordingPrefix } from './packager/show-paths.ts'
import type { OnAir } from './plane/on-air.ts'
import type { PlaneParts, ShowRequest } from './plane/plane-parts.ts'
import { openShow, restoreShow } from './recorder/open-show.ts'
import { readRecording, readStoredSegments } from './recorder/recording.ts'
import type { RelayAddress } from './relay/encode-over-relay.ts'

type PartsDeps = {
  objects: ObjectStore
  relay: RelayAddress
  /** Length of a part of channels with low latency. */
  partMs: number
  now: Clock
  log: Log
  onAir: OnAir
}

/** Fragments of channels without parts, in ms: never shown as parts, but sound is cut at their ends, close to the picture's. */
const STANDARD_PART_MS = 500

/** Ingest, ladder, packager and recorder as the plane drives them. */
export function liveParts({ objects, relay, partMs, now, log, onAir }: PartsDeps): PlaneParts {
  const optionsOf = ({ streamId, settings, events }: ShowRequest) => ({
    streamId,
    latencyMode: settings.latency_mode,
    dvrWindowS: settings.dvr_window_s,
    record: settings.record,
    objects,
    events,
    now,
  })

  return {
    readSource: tags => readSource(tags, { now }),
    plan(facts, { latency_mode: latencyMode, renditions_max: renditionsMax }, budget) {
      const { cores } = budget
      const plan = planLadder(facts, {
        partMs: latencyMode === 'low' ? partMs : STANDARD_PART_MS,
        cores,
        coresInUse: budget.inUse(),
        renditionsMax,
      })
      return { plan, cores: coresOfPlan(plan) }
    },
    encode: request => encodePublication({ ...request, relay, log, now }),
    openShow(request) {
      const show = openShow(optionsOf(request))
      onAir.add(show, request.channelPlaybackId)
      return Promise.resolve(show)
    },
    async restoreShow(request) {
      const restored = await restoreShow(optionsOf(request))
      if (restored !== undefined) onAir.add(restored.show, request.channelPlaybackId)
      return restored
    },
    forgetShow: streamId => onAir.remove(streamId),
    recording: streamId => readRecording(objects, streamId),
    segments: (streamId, fromSeq, limit) => readStoredSegments(objects, streamId, fromSeq, limit),
    recordingPrefix,
  }
}
