import { move, STREAM_MOVES, type StreamState } from '#shared/domain/state-machine.ts'
import { closeInferred, mergeSessions } from './merge-sessions.ts'
import { isOpen, OVER_REASONS, type LifeEvent, type Session, type StreamFact, type StreamLife } from './stream-life.ts'

export type Transition = { life: StreamLife; events: readonly LifeEvent[] }

/**
 * A show after one more fact, and what to tell the world; pure.
 *
 * Facts may come in any order, doubled, hours late or not at all: what is known only grows (a join), so every order of
 * the same facts ends in the same life, and each event of each epoch is told at most once. A show that is over stays
 * over; late facts then only make its history more exact.
 */
export function streamTransition(before: StreamLife | undefined, fact: StreamFact, windowMs: number): Transition {
  const merged = mergeSessions(before?.sessions ?? [], fact, windowMs)
  const epoch = Math.max(before?.epoch ?? 0, 'epoch' in fact ? fact.epoch : 0)
  const startedAt = startOf(before, merged, fact)
  const wasOver = before !== undefined && !isOpen(before.state)
  if (wasOver || fact.kind === 'over') {
    return finish(before, { ...over(before, fact), epoch, startedAt, sessions: merged }, fact)
  }
  const sessions = closeInferred(merged, null)
  const current = sessions.at(-1)
  const gone = current?.disconnectedAt ?? null
  const life: StreamLife = {
    state: gone === null ? 'live' : 'reconnecting',
    epoch,
    startedAt,
    endedAt: null,
    reason: null,
    reconnectUntil: gone === null ? null : plusMs(gone, windowMs),
    sessions,
  }
  if (before !== undefined && before.state !== life.state)
    move<StreamState>(STREAM_MOVES, 'stream', before.state, life.state)
  return {
    life,
    events: [...beginning(before, life), ...connections(before, life, fact), ...openMoves(before, life, fact)],
  }
}

/** A show that is over, or that this fact ends. */
function finish(before: StreamLife | undefined, after: StreamLife, fact: StreamFact): Transition {
  const sessions = closeInferred(after.sessions, after.endedAt)
  const last = sessions.at(-1)
  const endedAt = notBefore(last?.disconnectedAt ?? after.endedAt ?? after.startedAt, after.startedAt)
  const life: StreamLife = { ...after, endedAt, sessions }
  if (before !== undefined && !isOpen(before.state)) return { life, events: [] }
  if (before !== undefined) move<StreamState>(STREAM_MOVES, 'stream', before.state, life.state)
  const durationMs = Date.parse(endedAt) - Date.parse(life.startedAt)
  return {
    life,
    events: [
      ...beginning(before, life),
      ...connections(before, life, fact),
      { type: 'stream.ended', epoch: life.epoch, at: endedAt, reason: life.reason ?? OVER_REASONS.absent, durationMs },
    ],
  }
}

function over(
  before: StreamLife | undefined,
  fact: StreamFact,
): Pick<StreamLife, 'state' | 'reason' | 'endedAt' | 'reconnectUntil'> {
  const known = before !== undefined && !isOpen(before.state) ? before : undefined
  const state = known?.state ?? 'ended'
  const reconnectUntil = null
  if (fact.kind !== 'over')
    return { state, reconnectUntil, reason: known?.reason ?? null, endedAt: known?.endedAt ?? null }
  const stronger = known === undefined || rank(fact.reason) > rank(known.reason)
  return stronger
    ? { state, reconnectUntil, reason: fact.reason, endedAt: fact.at }
    : { state, reconnectUntil, reason: known.reason, endedAt: known.endedAt }
}

/** What the owner did outweighs what the plane says, and that outweighs what was concluded. */
function rank(reason: string | null): number {
  switch (reason) {
    case null:
      return -1
    case OVER_REASONS.absent:
      return 0
    case OVER_REASONS.superseded:
      return 1
    case OVER_REASONS.windowClosed:
      return 2
    case OVER_REASONS.completed:
      return 4
    default:
      return 3
  }
}

/** The first connection's begin; while no connection is known, the earliest thing heard. */
function startOf(before: StreamLife | undefined, sessions: readonly Session[], fact: StreamFact): string {
  const [first] = sessions
  if (first !== undefined) return first.connectedAt
  const at = fact.kind === 'present' ? fact.startedAt : fact.at
  return before === undefined || at < before.startedAt ? at : before.startedAt
}

function beginning(before: StreamLife | undefined, life: StreamLife): LifeEvent[] {
  return before === undefined ? [{ type: 'stream.started', epoch: life.epoch, at: life.startedAt }] : []
}

/** Connections that this fact taught us of, and their ends, each once. */
function connections(before: StreamLife | undefined, life: StreamLife, fact: StreamFact): LifeEvent[] {
  const events: LifeEvent[] = []
  for (const session of life.sessions) {
    const known = before?.sessions.find(({ epoch }) => epoch === session.epoch)
    if (known === undefined) {
      const { epoch, protocol, media, connectedAt } = session
      events.push({ type: 'ingest.connected', epoch, at: connectedAt, protocol, media })
    }
    if (session.disconnectedAt !== null && (known === undefined || known.disconnectedAt === null)) {
      const { epoch, disconnectedAt, reason } = session
      events.push({ type: 'ingest.disconnected', epoch, at: disconnectedAt, reason: reason ?? fact.kind })
    }
  }
  return events
}

function openMoves(before: StreamLife | undefined, life: StreamLife, fact: StreamFact): LifeEvent[] {
  const was = before?.state ?? 'live'
  const { epoch } = life
  if (life.state === 'reconnecting' && was !== 'reconnecting') {
    return [{ type: 'stream.reconnecting', epoch, at: fact.at, until: life.reconnectUntil ?? fact.at }]
  }
  const resumed = was === 'reconnecting' || (before !== undefined && before.sessions.length > 0 && epoch > before.epoch)
  return life.state === 'live' && resumed ? [{ type: 'stream.resumed', epoch, at: fact.at }] : []
}

function plusMs(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString()
}

function notBefore(at: string, floor: string): string {
  return at >= floor ? at : floor
}
