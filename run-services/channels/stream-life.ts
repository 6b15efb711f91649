import type { MediaFacts } from '#shared/domain/provider-event.ts'
import type { StreamState } from '#shared/domain/state-machine.ts'

/** One publisher connection. `unknown` as protocol marks a connection that was only inferred, `inferred` as reason its end. */
export type Session = {
  epoch: number
  protocol: string
  connectedAt: string
  disconnectedAt: string | null
  reason: string | null
  media: MediaFacts | null
}

/** What is known of one show; instants are RFC 3339, sessions in epoch order. */
export type StreamLife = {
  state: StreamState
  /** Highest connection epoch heard of. */
  epoch: number
  startedAt: string
  endedAt: string | null
  reason: string | null
  reconnectUntil: string | null
  sessions: readonly Session[]
}

/** Something learnt of a show, from the plane's events, from asking it, from a timer or from the owner. */
export type StreamFact =
  | { kind: 'started'; epoch: number; at: string; protocol: string; media: MediaFacts | null }
  | { kind: 'stopped'; epoch: number; at: string; reason: string }
  | { kind: 'over'; epoch: number; at: string; reason: string }
  /** Something of the show exists, of no known connection: a stored segment. */
  | { kind: 'seen'; at: string }
  /** The plane has it now: on air, or waiting for its publisher until then. */
  | {
      kind: 'present'
      epoch: number
      at: string
      startedAt: string
      protocol: string
      media: MediaFacts | null
      waitingUntil: string | null
    }

/** What the world is told about a change of a show. */
export type LifeEvent =
  | { type: 'stream.started'; epoch: number; at: string }
  | { type: 'ingest.connected'; epoch: number; at: string; protocol: string; media: MediaFacts | null }
  | { type: 'ingest.disconnected'; epoch: number; at: string; reason: string }
  | { type: 'stream.reconnecting'; epoch: number; at: string; until: string }
  | { type: 'stream.resumed'; epoch: number; at: string }
  | { type: 'stream.ended'; epoch: number; at: string; reason: string; durationMs: number }

export const INFERRED_PROTOCOL = 'unknown'
export const INFERRED_REASON = 'inferred'

/** Why shows end when the plane did not say it, from the weakest reason to the strongest; the plane's own words lie between. */
export const OVER_REASONS = {
  absent: 'absent',
  superseded: 'superseded',
  windowClosed: 'window-closed',
  completed: 'completed',
} as const

/** Whether the show still waits for media. */
export function isOpen(state: StreamState): boolean {
  return state === 'connecting' || state === 'live' || state === 'reconnecting'
}
