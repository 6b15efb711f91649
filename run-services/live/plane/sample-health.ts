import type { ChannelSlot } from './channel-slot.ts'
import { renditionsOf } from './describe-stream.ts'
import type { EventSpool } from './event-spool.ts'
import { judgeHealth } from './judge-health.ts'

/** The sentence of a health report may change this often; a change of level is told at once. */
const SENTENCE_EVERY_MS = 5_000

/** Judges a show as it feels now, and tells it when the level or the sentence has changed. */
export function sampleHealth(spool: EventSpool, slot: ChannelSlot, nowMs: number): void {
  const { show, connection } = slot
  if (show === undefined) return
  const leased = show.leased()
  const stats = connection?.encoding?.stats()
  const received = connection?.publication.received()
  const health = judgeHealth({
    nowMs,
    state: connection === undefined ? 'waiting' : 'live',
    waitingUntilMs: leased.waiting_until === null ? undefined : Date.parse(leased.waiting_until),
    connectedAtMs: connection?.connectedAtMs ?? nowMs,
    media: connection?.media,
    bitrateKbps: received === undefined ? 0 : slot.byteRate(received.bytes, nowMs),
    fps: stats?.fps ?? 0,
    gopS: stats?.gopS ?? 0,
    newestFrameAtMs: stats?.newestFrameAtMs,
    waitingMs: stats?.waitingMs ?? 0,
    lastArrivalAtMs: received?.lastAtMs ?? nowMs,
    edgeMs: show.show.edgeMs(),
    renditions: renditionsOf(slot),
    omitted: connection?.plan?.omitted ?? [],
    encoderRestarts: Math.max(0, (stats?.encoders ?? 1) - 1),
    droppedGops: stats?.droppedGops ?? 0,
    storageTrouble: show.storageTrouble(),
  })
  slot.health = health
  const told = slot.toldHealth
  const due = told === undefined || nowMs - told.atMs >= SENTENCE_EVERY_MS
  const changed = told?.level !== health.level || (due && told?.sentence !== health.sentence)
  if (!changed || !leased.start_reported) return
  slot.toldHealth = { level: health.level, sentence: health.sentence, atMs: nowMs }
  void spool.append(show.reports.health(leased.connection_epoch, health))
}
