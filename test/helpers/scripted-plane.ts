import { createHash } from 'node:crypto'
import type { HealthSample, StoredSegment } from '#shared/domain/provider-event.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { LiveChannels, LiveChannelSettings, LiveStream } from '#shared/ports/live-channels/live-channels.ts'

/** What a test makes true on the media plane, and what the plane was told. */
export type ScriptedPlane = LiveChannels & {
  readonly settings: ReadonlyMap<string, LiveChannelSettings>
  readonly keys: ReadonlyMap<string, { ref: string; expiresAt: string | undefined }>
  readonly stopped: readonly string[]
  /** While true every verb is `service.unavailable`. */
  away: boolean
  put(stream: Partial<LiveStream> & Pick<LiveStream, 'ref' | 'streamId'>): void
  remove(ref: string): void
  store(streamId: string, segments: readonly StoredSegment[], complete: boolean): void
}

const PLAYBACK_CHARACTERS = 26

/** A media plane in memory whose truth a test sets: for tests of what the services make of it, without media. */
export function scriptedPlane(): ScriptedPlane {
  const settings = new Map<string, LiveChannelSettings>()
  const keys = new Map<string, { ref: string; expiresAt: string | undefined }>()
  const streams = new Map<string, LiveStream>()
  const recordings = new Map<string, { segments: readonly StoredSegment[]; complete: boolean }>()
  const stopped: string[] = []
  const plane = { away: false }

  const here = () => {
    if (plane.away) throw new Refusal('service.unavailable', { detail: 'The plane is away.' })
  }
  const channel = (ref: string) => ({
    ref,
    playbackId: `play_${named(ref)}`,
    ingest: { rtmpUrl: 'rtmp://127.0.0.1:1935/live' },
  })
  const known = (ref: string) => {
    here()
    if (!settings.has(ref)) throw new Refusal('resource.missing', { detail: 'The plane has no such channel.' })
  }

  const verbs: LiveChannels = {
    features: {
      segmentEvents: 'plane',
      liveClip: 'parts',
      dash: true,
      playback: 'origin',
      keysPerChannel: 10,
      disabledKeys: 'kept',
      reconnects: true,
      doors: ['rtmp'],
      metadata: { bytesMax: 1024, perSecond: 5, overRate: 'refused' },
    },
    createChannel: async (token, wanted) => {
      here()
      const ref = `ref-${token}`
      if (!settings.has(ref)) settings.set(ref, wanted)
      return channel(ref)
    },
    updateChannel: async (ref, wanted) => {
      known(ref)
      settings.set(ref, wanted)
      return channel(ref)
    },
    getChannel: async ref => {
      known(ref)
      return channel(ref)
    },
    deleteChannel: async ref => {
      here()
      settings.delete(ref)
    },
    createStreamKey: async (ref, token) => {
      known(ref)
      const keyRef = `key-${token}`
      if (!keys.has(keyRef)) keys.set(keyRef, { ref, expiresAt: undefined })
      return { keyRef, secret: `sk_${named(`${ref} ${token}`)}` }
    },
    deleteStreamKey: async (ref, keyRef, expiresAt) => {
      here()
      if (keys.has(keyRef)) keys.set(keyRef, { ref, expiresAt: expiresAt ?? 'now' })
    },
    watchUrl: async (_ref, playbackUrl) => playbackUrl,
    getStream: async ref => {
      here()
      return streams.get(ref)
    },
    listStreams: async () => {
      here()
      return [...streams.values()]
    },
    stopStream: async ref => {
      here()
      const stream = streams.get(ref)
      if (stream !== undefined) stopped.push(stream.streamId)
      streams.delete(ref)
    },
    putMetadata: async ref => {
      here()
      const edge = streams.get(ref)?.edgeAt
      if (edge === undefined) throw new Refusal('stream.not-live', { detail: 'Nothing is on air.' })
      return { placedAt: edge }
    },
    getRecording: async streamId => {
      here()
      const recording = recordings.get(streamId)
      if (recording === undefined) return undefined
      const { segments, complete } = recording
      return {
        streamId,
        prefix: `play/${streamId}/v1/`,
        state: complete ? ('complete' as const) : ('recording' as const),
        segmentsProduced: segments.length,
        segmentsStored: segments.length,
        durationMs: segments.reduce((sum, segment) => sum + segment.duration_ms, 0),
      }
    },
    listSegments: async (streamId, fromSeq) => {
      here()
      return (recordings.get(streamId)?.segments ?? []).filter(({ seq }) => seq >= fromSeq).slice(0, 200)
    },
  }

  return Object.assign(plane, verbs, {
    settings,
    keys,
    stopped,
    put: (stream: Partial<LiveStream> & Pick<LiveStream, 'ref' | 'streamId'>) =>
      void streams.set(stream.ref, { ...ON_AIR, ...stream }),
    remove: (ref: string) => void streams.delete(ref),
    store: (streamId: string, segments: readonly StoredSegment[], complete: boolean) =>
      void recordings.set(streamId, { segments, complete }),
  })
}

const HEALTH: HealthSample = {
  level: 'good',
  sentence: 'All is well.',
  bitrate_kbps: 3000,
  fps: 30,
  gop_s: 2,
  lag_ms: 500,
  renditions: ['720p'],
  at: '2026-11-21T18:00:01.000Z',
}

const ON_AIR: Omit<LiveStream, 'ref' | 'streamId'> = {
  state: 'live',
  epoch: 1,
  startedAt: '2026-11-21T18:00:00.000Z',
  waitingUntil: undefined,
  protocol: 'rtmp',
  media: undefined,
  health: HEALTH,
  renditions: ['720p'],
  edgeAt: '2026-11-21T18:00:05.000Z',
}

function named(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex')
  return digest.replaceAll(/[01890]/g, 'z').slice(0, PLAYBACK_CHARACTERS)
}
