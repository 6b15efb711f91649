import { rfc3339 } from '#shared/domain/clock.ts'
import type { HealthSample, MediaFacts } from '#shared/domain/provider-event.ts'

/** Nothing received for this long is a broken connection, in ms. */
const SILENCE_MS = 2_500
/** Behind by this much viewers notice, in ms: fair and bad. */
const LAG_FAIR_MS = 2_500
const LAG_BAD_MS = 6_000
const GOP_FAIR_S = 4
/** Share of the announced frame rate that must arrive. */
const FPS_SHARE_MIN = 0.8
/** A rate over less than this is not yet a measurement, in ms. */
const SETTLED_MS = 4_000
/** Encoder restarts in one connection that are worth a word. */
const RESTARTS_FAIR = 1
const RESTARTS_BAD = 3

/** Everything a verdict on a show rests on. */
export type HealthFacts = {
  nowMs: number
  state: 'live' | 'waiting'
  waitingUntilMs: number | undefined
  connectedAtMs: number
  media: MediaFacts | undefined
  bitrateKbps: number
  /** Frames a second and longest key frame distance as measured; 0 until known. */
  fps: number
  gopS: number
  /** When the newest video frame arrived; undefined before the first. */
  newestFrameAtMs: number | undefined
  /** Media received that the encoder has not taken yet. */
  waitingMs: number
  /** When anything last arrived. */
  lastArrivalAtMs: number
  /** Program date-time of the newest part's end. */
  edgeMs: number | undefined
  renditions: readonly string[]
  /** Rungs the machine's budget left out. */
  omitted: readonly string[]
  encoderRestarts: number
  /** Groups of pictures left out because the machine was too slow. */
  droppedGops: number
  /** What is wrong with the recording, in one sentence. */
  storageTrouble: string | undefined
}

type Verdict = { level: HealthSample['level']; sentence: string }

/** A show's health with one plain sentence for the creator: the worst thing first, and what to do about it. */
export function judgeHealth(facts: HealthFacts): HealthSample {
  const lagMs = lagOf(facts)
  const { level, sentence } = waiting(facts) ?? broken(facts, lagMs) ?? doubtful(facts, lagMs) ?? good(facts)
  return {
    level,
    sentence,
    bitrate_kbps: Math.round(facts.bitrateKbps),
    fps: Math.round(facts.fps * 10) / 10,
    gop_s: Math.round(facts.gopS * 100) / 100,
    lag_ms: Math.round(lagMs),
    renditions: [...facts.renditions],
    at: rfc3339(facts.nowMs),
  }
}

/** Program date-time runs ahead of arrival when a publisher begins with a burst, so what waits counts on its own too. */
function lagOf({ newestFrameAtMs, edgeMs, waitingMs, state }: HealthFacts): number {
  if (state === 'waiting' || edgeMs === undefined || newestFrameAtMs === undefined) return 0
  return Math.max(0, waitingMs, newestFrameAtMs - edgeMs)
}

function waiting({ state, waitingUntilMs }: HealthFacts): Verdict | undefined {
  if (state !== 'waiting') return undefined
  const until = waitingUntilMs === undefined ? '' : ` until ${rfc3339(waitingUntilMs).slice(11, 19)} UTC`
  return { level: 'offline', sentence: `Your encoder is disconnected; the show waits for it${until}.` }
}

function broken(facts: HealthFacts, lagMs: number): Verdict | undefined {
  const bad = (sentence: string): Verdict => ({ level: 'bad', sentence })
  const silentMs = facts.nowMs - Math.max(facts.lastArrivalAtMs, facts.connectedAtMs)
  if (facts.storageTrouble !== undefined) return bad(facts.storageTrouble)
  if (silentMs > SILENCE_MS) {
    return bad(`Nothing has come from your encoder for ${Math.round(silentMs / 1000)} s; check your connection.`)
  }
  if (lagMs > LAG_BAD_MS) {
    return bad(`The show is ${Math.round(lagMs / 1000)} s behind your encoder; send fewer or smaller frames.`)
  }
  if (facts.encoderRestarts >= RESTARTS_BAD) {
    return bad(`Our encoder has restarted ${facts.encoderRestarts} times on this stream; restart your encoder.`)
  }
  return undefined
}

function doubtful(facts: HealthFacts, lagMs: number): Verdict | undefined {
  const { media } = facts
  const fair = (sentence: string): Verdict => ({ level: 'fair', sentence })
  const settled = facts.nowMs - facts.connectedAtMs > SETTLED_MS
  if (settled && media !== undefined && facts.fps < media.video.fps * FPS_SHARE_MIN) {
    const [arrived, announced] = [Math.round(facts.fps), Math.round(media.video.fps)]
    return fair(`Your encoder sends ${arrived} of ${announced} frames a second; lower its resolution or its load.`)
  }
  if (facts.gopS > GOP_FAIR_S) {
    return fair(`Your encoder sends ${plain(facts.gopS)} s key frames; set 2 s for a quick start and a short recovery.`)
  }
  if (facts.droppedGops > 0) {
    return fair(`This machine is too slow for your stream: pictures were left out ${facts.droppedGops} times.`)
  }
  if (lagMs > LAG_FAIR_MS) return fair(`The show is ${plain(lagMs / 1000)} s behind your encoder.`)
  if (facts.omitted.length > 0) {
    const [left, kept] = [facts.omitted.join(' and '), facts.renditions.join(' and ') || 'none']
    return fair(`This machine is busy: ${left} is left out, viewers get ${kept}.`)
  }
  if (facts.encoderRestarts >= RESTARTS_FAIR) {
    return fair('Our encoder was restarted once on this stream; viewers saw a short jump.')
  }
  if (media !== undefined && media.audio === null) return fair('There is no sound in your stream.')
  return undefined
}

function good({ media, edgeMs }: HealthFacts): Verdict {
  if (media === undefined || edgeMs === undefined) return { level: 'good', sentence: 'Your stream is starting.' }
  const { height, fps } = media.video
  return { level: 'good', sentence: `All is well: ${height}p at ${plain(fps)} frames a second arrives in full.` }
}

function plain(value: number): string {
  return String(Math.round(value * 10) / 10)
}
