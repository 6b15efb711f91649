import type { ColumnType, Generated } from 'kysely'
import type { CanaryMark, Plane, TimedHop } from '#shared/domain/canary.ts'
import type { ClipMoments, ClipOrigin, ClipReason, ClipSource, CropChoice } from '#shared/domain/clip.ts'
import type { HealthSample, MediaFacts, StoredRendition } from '#shared/domain/provider-event.ts'
import type { ChannelState, ClipState, JobState, StreamState } from '#shared/domain/state-machine.ts'

/** Set by the engine at commit; read as RFC 3339 text. */
type CommitTimestamp = ColumnType<string, never, never>
/** jsonb: read parsed, written as JSON text. */
type Json<Value> = ColumnType<Value, string, string>
type NullableJson<Value> = ColumnType<Value | null, string | null, string | null>
/** timestamptz with a default of now(). */
type CreatedAt = ColumnType<string, string | undefined, never>

/** The schema of `migrations/`, as the query builder sees it: one member a table, one property a column. */
export interface Tables {
  creators: {
    creator_id: string
    handle: string
    display_name: string
    status: Generated<string>
    version: Generated<number>
    created_at: CreatedAt
    updated_at: CommitTimestamp
  }
  channels: {
    creator_id: string
    channel_id: string
    title: string
    latency_mode: Generated<'low' | 'standard'>
    reconnect_window_s: Generated<number>
    record: Generated<boolean>
    provider: string
    provider_ref: string | null
    playback_id: string | null
    /** Ingest URLs by door, as the media plane told them. */
    ingest: NullableJson<Record<string, string>>
    state: Generated<ChannelState>
    dvr_window_s: Generated<number>
    renditions_max: Generated<number>
    chat_settings: NullableJson<unknown>
    /** Set while the media plane has not confirmed the newest settings. */
    unsettled_at: string | null
    created_at: CreatedAt
    version: Generated<number>
    updated_at: CommitTimestamp
  }
  stream_keys: {
    creator_id: string
    channel_id: string
    key_id: string
    secret_hash: Uint8Array
    label: string | null
    state: 'active' | 'retiring' | 'revoked'
    provider_key_ref: string
    expires_at: string | null
    /** Set while the media plane has not confirmed the key's end. */
    unsettled_at: string | null
    created_at: CreatedAt
    purge_at: string | null
  }
  streams: {
    stream_id: string
    creator_id: string
    channel_id: string
    program_id: string | null
    title: string
    state: StreamState
    /** Why it ended or failed, as a word. */
    reason: string | null
    epoch: Generated<number>
    provider_stream_id: string | null
    live_channel_id: string | null
    live_shard: number | null
    started_at: string | null
    ended_at: string | null
    reconnect_until: string | null
    health: NullableJson<HealthSample>
    recording: NullableJson<unknown>
    archive: NullableJson<unknown>
    asset_id: string | null
    version: Generated<number>
    created_at: CreatedAt
    updated_at: CommitTimestamp
  }
  ingest_sessions: {
    stream_id: string
    epoch: number
    protocol: string
    connected_at: string
    disconnected_at: string | null
    reason: string | null
    media: NullableJson<MediaFacts>
  }
  segments: {
    stream_id: string
    seq: number
    epoch: number
    pdt: string
    duration_ms: number
    discontinuity: Generated<boolean>
    renditions: Json<StoredRendition[]>
    expires_at: string | null
  }
  markers: {
    stream_id: string
    at_ms: number
    marker_id: string
    kind: string
    score: number | null
    payload: NullableJson<unknown>
    created_at: CreatedAt
  }
  playback_ids: {
    playback_id: string
    target_kind: 'channel' | 'stream' | 'asset' | 'clip'
    target_id: string
    policy: string
    restrictions: NullableJson<unknown>
  }
  jobs: {
    job_id: string
    kind: string
    subject_id: string
    owner_id: string | null
    state: JobState
    attempt: Generated<number>
    input: Json<unknown>
    lease_owner: string | null
    lease_token: Generated<number>
    lease_until: string | null
    checkpoint: NullableJson<unknown>
    result: NullableJson<unknown>
    last_error: NullableJson<unknown>
    traceparent: string | null
    ready_shard: number | null
    ready_at: string | null
    purge_at: string | null
    created_at: CreatedAt
    updated_at: CommitTimestamp
  }
  cues: { stream_id: string; at_ms: number; cue_id: string; payload: Json<unknown> }
  clips: {
    clip_id: string
    creator_id: string
    stream_id: string
    playback_id: string
    origin: ClipOrigin
    requested_by: string | null
    dedupe_key: string | null
    title: string
    tags: string[]
    /** Milliseconds since the start of the show, by wall clock. */
    start_ms: number
    end_ms: number
    crop: NullableJson<CropChoice>
    presets: string[]
    marquee: Generated<boolean>
    publish_when_ready: Generated<boolean>
    /** Not public before a person approved it. */
    needs_review: Generated<boolean>
    state: ClipState
    /** Why it failed, as a word. */
    reason: string | null
    source: NullableJson<ClipSource>
    moments: NullableJson<ClipMoments>
    media_version: Generated<number>
    render_job: string | null
    score: number | null
    reasons: NullableJson<ClipReason[]>
    shard: number
    review_since: string | null
    /** Set until the clip plays. */
    uncut_since: string | null
    published_at: string | null
    /** Place in the feed while it is published: epoch ms plus what its score is worth. */
    feed_rank: number | null
    purge_at: string | null
    version: Generated<number>
    created_at: CreatedAt
    updated_at: CommitTimestamp
  }
  clip_renditions: {
    clip_id: string
    rendition: string
    uri: string
    content_type: string
    bytes: number
    sha256: string
    width: number | null
    height: number | null
    duration_ms: number | null
    frames: number | null
  }
  clip_reviews: {
    clip_id: string
    review_id: string
    reviewer: string
    verdict: 'approve' | 'reject'
    reason: string | null
    decided_at: string
  }
  clip_rules: {
    creator_id: string
    rules: Json<unknown>
    version: Generated<number>
    updated_at: CommitTimestamp
  }
  stream_signals: {
    stream_id: string
    from_seq: number
    to_seq: number
    from_ms: number
    to_ms: number
    signals: Json<unknown>
    strip: NullableJson<unknown>
  }
  clip_picks: {
    stream_id: string
    start_ms: number
    end_ms: number
    /** The peak of the highlight curve. */
    at_ms: number
    dedupe_key: string
    /** Of the rules that picked the range. */
    rules_version: number
    /** Its clip was made, or cannot be. */
    settled: boolean
  }
  canary_runs: {
    run_id: string
    /** Where it was published and watched from. */
    route: string
    plane: Plane
    channel_id: string
    state: 'running' | 'held' | 'breached' | 'failed'
    failure: string | null
    started_at: string
    ended_at: string | null
    hops: NullableJson<TimedHop[]>
  }
  canary_marks: { run_id: string; mark: CanaryMark; at: string }
  search_terms: { term: string; shard: number; clip_id: string; rank: number }
  share_counts: { target_id: string; shard: number; shares: number }
  shares: {
    share_id: string
    target_kind: 'clip' | 'stream'
    target_id: string
    at_ms: number | null
    shared_by: string | null
    visits: Generated<number>
    created_at: CreatedAt
  }
  domain_events: {
    source: string
    subject_id: string
    seq: number
    event_id: string
    type: string
    occurred_at: string
    committed_at: ColumnType<string, never, never>
    trace_id: string | null
    payload: Json<unknown>
    created_at: CreatedAt
  }
  event_sequences: { subject_id: string; source: string; last_seq: number }
  feed_checkpoints: {
    reader: string
    partition_token: string
    watermark: string
    state: string
    parents: string[] | null
  }
  inbox: { event_key: string; consumer: string; handled_at: CreatedAt }
  idempotency_keys: {
    key_hash: string
    request_hash: string
    status: number | null
    response: NullableJson<unknown>
    created_at: CreatedAt
  }
}
