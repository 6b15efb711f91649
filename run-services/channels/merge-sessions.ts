import { INFERRED_PROTOCOL, INFERRED_REASON, type Session, type StreamFact } from './stream-life.ts'

/**
 * The sessions after a fact: every exact statement replaces an inferred one, and of two of a kind the earlier instant
 * stays, so that the result does not depend on the order or the number of tellings.
 */
export function mergeSessions(sessions: readonly Session[], fact: StreamFact, windowMs: number): readonly Session[] {
  switch (fact.kind) {
    case 'started':
      return put(sessions, fact.epoch, known => ({
        ...(known ?? blank(fact.epoch, fact.at)),
        ...connection(known, fact),
      }))
    case 'stopped':
      return put(sessions, fact.epoch, known => ({
        ...(known ?? blank(fact.epoch, fact.at)),
        ...disconnection(known, fact),
      }))
    case 'present':
      return put(sessions, fact.epoch, known => observed(known, fact, sessions.length === 0, windowMs))
    case 'seen':
    case 'over':
    default:
      return sessions
  }
}

/** Whether the connection's end was told, not concluded. */
function endIsExact(session: Session): boolean {
  return session.disconnectedAt !== null && session.reason !== INFERRED_REASON
}

/** Closes what must have ended: every session before the last by its successor's begin, and the last one at `overAt`. */
export function closeInferred(sessions: readonly Session[], overAt: string | null): readonly Session[] {
  return sessions.map((session, index) => {
    if (endIsExact(session)) return session
    const next = sessions[index + 1]
    const end = next?.connectedAt ?? overAt
    if (end === null) return session
    return { ...session, disconnectedAt: later(end, session.connectedAt), reason: INFERRED_REASON }
  })
}

function connection(known: Session | undefined, fact: StreamFact & { kind: 'started' }) {
  const exact = known !== undefined && known.protocol !== INFERRED_PROTOCOL
  return {
    protocol: exact ? known.protocol : fact.protocol,
    connectedAt: exact ? earlier(known.connectedAt, fact.at) : fact.at,
    media: known?.media ?? fact.media,
  }
}

function disconnection(known: Session | undefined, fact: StreamFact & { kind: 'stopped' }) {
  const exact = known !== undefined && endIsExact(known)
  const inferredBegin = known !== undefined && known.protocol === INFERRED_PROTOCOL
  return {
    disconnectedAt: exact ? earlier(known.disconnectedAt ?? fact.at, fact.at) : fact.at,
    reason: exact ? known.reason : fact.reason,
    ...(inferredBegin ? { connectedAt: earlier(known.connectedAt, fact.at) } : {}),
  }
}

function observed(
  known: Session | undefined,
  fact: StreamFact & { kind: 'present' },
  first: boolean,
  windowMs: number,
): Session {
  const session = known ?? {
    ...blank(fact.epoch, first ? fact.startedAt : fact.at),
    media: fact.media,
  }
  if (fact.waitingUntil === null || session.disconnectedAt !== null) return session
  const gone = new Date(Date.parse(fact.waitingUntil) - windowMs).toISOString()
  return { ...session, disconnectedAt: later(gone, session.connectedAt), reason: INFERRED_REASON }
}

function blank(epoch: number, at: string): Session {
  return { epoch, protocol: INFERRED_PROTOCOL, connectedAt: at, disconnectedAt: null, reason: null, media: null }
}

function put(
  sessions: readonly Session[],
  epoch: number,
  change: (known: Session | undefined) => Session,
): readonly Session[] {
  const known = sessions.find(session => session.epoch === epoch)
  const others = sessions.filter(session => session.epoch !== epoch)
  return [...others, change(known)].sort((a, b) => a.epoch - b.epoch)
}

function earlier(a: string, b: string): string {
  return a <= b ? a : b
}

function later(a: string, b: string): string {
  return a >= b ? a : b
}
