import { PRICES } from '#infra/prices.ts'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import { coresOfPlan, planLadder } from '#shared/media/ladder.ts'

/** What the costs stand on; everything not measured elsewhere in this repository is assumed, and says so. */
export const ASSUMED = {
  source: '720p at 30 frames a second: three renditions and one sound',
  /** Length of a part in the clouds, in ms (`PART_MS` of infra/ingest.ts). */
  partMs: 500,
  segmentS: 2,
  /** Share of their machines encoders are kept at (infra/ingest-encoders.ts). */
  encoderShare: 0.55,
  /** Shows one task of the doors carries; assumed. */
  showsPerTask: 20,
  /** CPU and GB of that task. */
  task: { vcpu: 2, gb: 4 },
  /** Times an object of a running show is fetched from the doors: once a shield, twice a region; assumed. */
  fetches: 2,
  /** CPU of an upload's ladder against the live one, for better quality; assumed. */
  vodEffort: 2.5,
} as const

const SOURCE: MediaFacts = {
  video: { codec: 'h264', width: 1280, height: 720, fps: 30 },
  audio: { codec: 'aac', sample_rate: 48_000, channels: 2 },
}
const HOUR_S = 3_600
const MINUTE_H = 1 / 60
const MILLION = 1e6
/** A source is this much heavier than the rendition of its size; assumed. */
const SOURCE_KBPS = 3_500
/** HD by MediaConvert's prices: more than this many lines. */
const SD_LINES_MAX = 576

/** US dollars of one plane; a viewer's hour also in requests, each an answer of the edge. */
export type PlaneCosts = {
  streamHour: number
  viewerHour: number
  viewerHourStandard: number
  requestsPerViewerHour: number
  requestsPerViewerHourStandard: number
  vodMinute: number
}

const PLAN = planLadder(SOURCE, { partMs: ASSUMED.partMs, cores: 64, coresInUse: 0 })
const TRACKS = PLAN.tracks.length

function gbPerHour(kbps: number): number {
  return (kbps * 1_000 * HOUR_S) / 8 / 1e9
}

/** Every rendition of one show. */
const SHOW_GB_H = gbPerHour(PLAN.tracks.reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0))
/** What one viewer takes: the best picture and the sound. */
const WATCHED_GB_H = gbPerHour((PLAN.tracks[0]?.bitrateKbps ?? 0) + (PLAN.tracks.at(-1)?.bitrateKbps ?? 0))
const SEGMENTS_H = HOUR_S / ASSUMED.segmentS

/** Requests of one hour: picture and sound, each as media and as the playlist that names it. */
function requestsPerHour(everyS: number): number {
  return (HOUR_S / everyS) * 2 * 2
}

/** Storing a show in both regions as it happens, without what it then costs to keep. */
function storing(segments: number): number {
  const puts = (segments * TRACKS * 2 * PRICES.s3MillionPuts) / MILLION
  const copied = SHOW_GB_H * (PRICES.s3ReplicatedGb + PRICES.s3ReplicationTimeGb)
  return puts + copied + (segments * PRICES.handoffMillionEvents) / MILLION
}

/** Our own plane: encoders on Spot, a share of a door, what crosses balancers and zones, and the recording. */
export function selfhostCosts(): PlaneCosts {
  const encoder = (coresOfPlan(PLAN) / ASSUMED.encoderShare) * PRICES.spotVcpuHour
  const { vcpu, gb } = ASSUMED.task
  const door = (vcpu * PRICES.fargateVcpuHour + gb * PRICES.fargateGbHour) / ASSUMED.showsPerTask
  const source = gbPerHour(SOURCE_KBPS)
  const crossing =
    source * PRICES.networkBalancerGb +
    (source + SHOW_GB_H) * (PRICES.networkBalancerGb + PRICES.betweenZonesGb / 2) +
    SHOW_GB_H * ASSUMED.fetches * PRICES.httpBalancerGb
  const low = requestsPerHour(ASSUMED.partMs / 1_000)
  const standard = requestsPerHour(ASSUMED.segmentS)
  return {
    streamHour: encoder + door + crossing + storing(SEGMENTS_H),
    viewerHour: watching(low),
    viewerHourStandard: watching(standard),
    requestsPerViewerHour: low,
    requestsPerViewerHourStandard: standard,
    vodMinute: coresOfPlan(PLAN) * ASSUMED.vodEffort * PRICES.spotVcpuHour * MINUTE_H,
  }
}

/** A viewer's hour through CloudFront: bytes, requests, the token's check and its two reads. */
function watching(requests: number): number {
  const request = PRICES.edgeMillionRequests + PRICES.edgeFunctionMillion + 2 * PRICES.edgeStoreMillionReads
  return WATCHED_GB_H * PRICES.edgeGb + (requests * request) / MILLION
}

/** Amazon IVS and MediaConvert: priced by the hour and the minute; IVS's own edge counts no requests. */
export function ivsCosts(): PlaneCosts {
  const vodMinute = PLAN.tracks.reduce((sum, track) => {
    if (track.kind === 'audio') return sum
    return sum + (track.height > SD_LINES_MAX ? PRICES.mediaConvertHdMinute : PRICES.mediaConvertSdMinute)
  }, 0)
  return {
    streamHour: PRICES.ivsStandardInputHour + storing(SEGMENTS_H),
    viewerHour: PRICES.ivsOutputHdHour,
    viewerHourStandard: PRICES.ivsOutputHdHour,
    requestsPerViewerHour: 0,
    requestsPerViewerHourStandard: 0,
    vodMinute,
  }
}
