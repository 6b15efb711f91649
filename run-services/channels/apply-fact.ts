import { createHash } from 'node:crypto'
import { rfc3339 } from '#shared/domain/clock.ts'
import { derivedId } from '#shared/domain/id.ts'
import type { Transaction } from '#shared/ports/database/database.ts'
import { json } from '#shared/ports/database/named-query.ts'
import type { JobStore, WakeableJob } from '#shared/service/job-store.ts'
import { appendEvent, type EventDraft, type WriteContext } from '#shared/service/outbox.ts'
import { insertPlaybackId, setChannelState, type ChannelRow } from './channel-queries.ts'
import { channelTransition } from './channel-transition.ts'
import { SOURCE } from './channels-deps.ts'
import { isOpen, type LifeEvent, type Session, type StreamFact, type StreamLife } from './stream-life.ts'
import {
  getOpenStream,
  getStreamByProvider,
  insertStream,
  listSessions,
  putSession,
  updateStream,
  type SessionRow,
  type StreamRow,
} from './stream-queries.ts'

/** Ranges that lists of open shows are spread over. */
export const LIVE_SHARDS = 16
/** The window's timer fires this much after the plane's own, so that the plane's word comes first, in ms. */
export const WINDOW_GRACE_MS = 3_000
/** Connections of one show that are looked at; of older ones nothing is learnt any more. */
const SESSIONS_MAX = 200
const MS_PER_S = 1000

type Place = { channel: ChannelRow; providerStreamId: string; causationId?: string }
type Deps = WriteContext & { jobs: JobStore }

/** Jobs to wake after the commit, and the show the fact is about. */
export type Applied = { streamId: string; wakes: WakeableJob[] }

/**
 * Puts one fact about a show into the database: rows, events and timers, all in the caller's transaction. Running it
 * again with the same fact changes nothing and tells nothing.
 */
export async function applyFact(tx: Transaction, deps: Deps, place: Place, fact: StreamFact): Promise<Applied> {
  const { channel, providerStreamId } = place
  const [row] = await tx.read(getStreamByProvider(providerStreamId))
  const [open] = await tx.read(getOpenStream(channel.channel_id))
  const streamId = row?.stream_id ?? streamIdOf(providerStreamId)
  const before = row && (await lifeOf(tx, row))
  const other = open !== undefined && open.stream_id !== streamId ? open : undefined
  const otherBefore = other && (await lifeOf(tx, other))
  const next = channelTransition(
    other && otherBefore && { streamId: other.stream_id, life: otherBefore },
    { streamId, life: before },
    fact,
    channel.reconnect_window_s * MS_PER_S,
  )
  // The older show first: at most one row of a channel may be open at any statement.
  if (other && next.other) await save(tx, deps, { ...place, ...named(other) }, otherBefore, next.other)
  const target = { ...place, streamId, title: row?.title ?? channel.title }
  const wakes = await save(tx, deps, target, before, next.target)
  await followChannel(tx, channel, isOpen(next.target.life.state) || (other !== undefined && next.other === undefined))
  return { streamId, wakes }
}

/** The id that a show of the plane always has here. */
function streamIdOf(providerStreamId: string): string {
  return derivedId('stream', createHash('sha256').update(`stream ${providerStreamId}`).digest())
}

/** The range an open show is listed in. */
function liveShardOf(streamId: string): number {
  return createHash('sha256').update(streamId).digest().readUInt8(0) % LIVE_SHARDS
}

type Target = Place & { streamId: string; title: string }
type Change = { life: StreamLife; events: readonly LifeEvent[] }

function named(row: StreamRow): Pick<Target, 'streamId' | 'title' | 'providerStreamId'> {
  return { streamId: row.stream_id, title: row.title, providerStreamId: row.provider_stream_id ?? '' }
}

async function save(
  tx: Transaction,
  deps: Deps,
  target: Target,
  before: StreamLife | undefined,
  { life, events }: Change,
): Promise<WakeableJob[]> {
  const { streamId, channel, providerStreamId } = target
  const values = valuesOf(life, streamId, channel.channel_id)
  if (before === undefined) {
    const identity = { stream_id: streamId, creator_id: channel.creator_id, channel_id: channel.channel_id }
    await tx.write(
      insertStream({
        ...identity,
        ...values,
        provider_stream_id: providerStreamId,
        title: target.title,
        created_at: rfc3339(deps.now()),
      }),
    )
    await tx.write(insertPlaybackId(providerStreamId, 'stream', streamId))
  } else if (JSON.stringify(values) !== JSON.stringify(valuesOf(before, streamId, channel.channel_id))) {
    await tx.write(updateStream(streamId, values))
  }
  for (const session of life.sessions) {
    const known = before?.sessions.find(({ epoch }) => epoch === session.epoch)
    if (JSON.stringify(known) !== JSON.stringify(session)) await tx.write(putSession(sessionRow(streamId, session)))
  }
  for (const event of events) await appendEvent(tx, draftOf(event, target), deps)
  return startWindow(tx, deps, streamId, before, life)
}

function valuesOf(life: StreamLife, streamId: string, channelId: string) {
  const open = isOpen(life.state)
  return {
    state: life.state,
    epoch: life.epoch,
    live_channel_id: open ? channelId : null,
    live_shard: open ? liveShardOf(streamId) : null,
    started_at: life.startedAt,
    ended_at: life.endedAt,
    reconnect_until: life.reconnectUntil,
    reason: life.reason,
  }
}

async function lifeOf(tx: Transaction, row: StreamRow): Promise<StreamLife> {
  const sessions = await tx.read(listSessions(row.stream_id, SESSIONS_MAX))
  return {
    state: row.state,
    epoch: row.epoch,
    startedAt: row.started_at ?? row.created_at,
    endedAt: row.ended_at,
    reason: row.reason,
    reconnectUntil: row.reconnect_until,
    sessions: sessions.map(sessionOf).toReversed(),
  }
}

function sessionOf(row: SessionRow): Session {
  return {
    epoch: row.epoch,
    protocol: row.protocol,
    connectedAt: row.connected_at,
    disconnectedAt: row.disconnected_at,
    reason: row.reason,
    media: row.media,
  }
}

function sessionRow(streamId: string, session: Session) {
  return {
    stream_id: streamId,
    epoch: session.epoch,
    protocol: session.protocol,
    connected_at: session.connectedAt,
    disconnected_at: session.disconnectedAt,
    reason: session.reason,
    media: session.media === null ? null : json(session.media),
  }
}

/** The facts every event of a show carries. */
export function streamFacts(
  channel: Pick<ChannelRow, 'creator_id' | 'channel_id'>,
  streamId: string,
  playbackId: string,
  epoch: number,
) {
  return {
    stream_id: streamId,
    creator_id: channel.creator_id,
    channel_id: channel.channel_id,
    playback_id: playbackId,
    epoch,
  }
}

function draftOf(event: LifeEvent, { channel, streamId, providerStreamId, title, causationId }: Target): EventDraft {
  const facts = streamFacts(channel, streamId, providerStreamId, event.epoch)
  const base = {
    source: SOURCE,
    subject: streamId,
    epoch: event.epoch,
    ...(causationId === undefined ? {} : { causationid: causationId }),
  }
  switch (event.type) {
    case 'stream.started':
      return { ...base, type: event.type, data: { ...facts, title, started_at: event.at } }
    case 'ingest.connected': {
      const { protocol, media } = event
      return { ...base, type: event.type, data: { ...facts, protocol, ...(media === null ? {} : { media }) } }
    }
    case 'ingest.disconnected':
      return { ...base, type: event.type, data: { ...facts, reason: event.reason } }
    case 'stream.reconnecting':
      return { ...base, type: event.type, data: { ...facts, until: event.until } }
    case 'stream.resumed':
      return { ...base, type: event.type, data: facts }
    case 'stream.ended':
    default: {
      const { at, reason, durationMs } = event
      return { ...base, type: event.type, data: { ...facts, ended_at: at, duration_ms: durationMs, reason } }
    }
  }
}

/** The timer that ends a show whose publisher does not come back; one per loss. */
async function startWindow(
  tx: Transaction,
  deps: Deps,
  streamId: string,
  before: StreamLife | undefined,
  life: StreamLife,
): Promise<WakeableJob[]> {
  const until = life.reconnectUntil
  if (until === null || until === before?.reconnectUntil) return []
  const job = await deps.jobs.add(tx, {
    kind: 'close-reconnect-window',
    subjectId: streamId,
    recipe: `${life.epoch} ${until}`,
    input: { until },
    notBefore: rfc3339(Date.parse(until) + WINDOW_GRACE_MS),
  })
  return job.added ? [job] : []
}

/** A channel is live while one of its shows is open; a disabled one stays disabled. */
async function followChannel(tx: Transaction, channel: ChannelRow, open: boolean): Promise<void> {
  const state = open ? 'live' : 'idle'
  if (channel.state !== 'disabled' && channel.state !== state)
    await tx.write(setChannelState(channel.channel_id, state))
}
