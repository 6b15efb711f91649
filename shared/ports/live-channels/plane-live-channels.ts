import type { z } from 'zod'
import {
  PLANE_PATHS,
  planeChannel,
  planeCreatedKey,
  planePlacedMetadata,
  planeRecording,
  planeSegments,
  planeStream,
  planeStreams,
  type PlaneChannelSettings,
} from '#shared/domain/plane-api.ts'
import { Refusal, type RefusalCode, REFUSALS } from '#shared/domain/refusal.ts'
import { guardedCall } from '#shared/service/guarded-call.ts'
import { currentTraceparent } from '#shared/service/trace.ts'
import type { LiveChannel, LiveChannels, LiveChannelSettings, LiveFeatures, LiveStream } from './live-channels.ts'

export type PlaneLiveChannelsOptions = {
  /** Where the plane's control API answers. */
  url: URL
  /** A signed bearer token for a call to that audience. */
  sign: (audience: string, caller: string) => Promise<string>
  /** The service that calls; its name in the plane's log. */
  caller?: string
}

const AUDIENCE = 'live'
const CALL_MS_MAX = 4_000
const RETRIES = 2
const BREAKER = { failures: 8, openMs: 2_000 }

/** What our own plane can do; `run-services/live` holds to it. */
const FEATURES: LiveFeatures = {
  segmentEvents: 'plane',
  liveClip: 'parts',
  dash: true,
  playback: 'origin',
  keysPerChannel: 10,
  disabledKeys: 'kept',
  reconnects: true,
  doors: ['rtmp'],
  metadata: { bytesMax: 1024, perSecond: 5, overRate: 'refused' },
}

/** Our own media plane over HTTP, with signed calls; one that does not answer is `service.unavailable`. */
export function planeLiveChannels(options: PlaneLiveChannelsOptions): LiveChannels {
  const call = planeCall(options)
  return {
    features: FEATURES,
    createChannel: async (token, settings) =>
      channelOf(await call('POST', PLANE_PATHS.channels, planeChannel, { token, settings: settingsOf(settings) })),
    updateChannel: async (ref, settings) =>
      channelOf(await call('PUT', path(PLANE_PATHS.channel, { ref }), planeChannel, settingsOf(settings))),
    getChannel: async ref => channelOf(await call('GET', path(PLANE_PATHS.channel, { ref }), planeChannel)),
    deleteChannel: ref => absentIsDone(call('DELETE', path(PLANE_PATHS.channel, { ref }))),
    createStreamKey: async (ref, token) => {
      const made = await call('POST', path(PLANE_PATHS.keys, { ref }), planeCreatedKey, { token })
      return { keyRef: made.key_ref, secret: made.secret }
    },
    deleteStreamKey: (ref, keyRef, expiresAt) => {
      const query = expiresAt === undefined ? '' : `?expires_at=${encodeURIComponent(expiresAt)}`
      return absentIsDone(call('DELETE', path(PLANE_PATHS.key, { ref, keyRef }) + query))
    },
    watchUrl: async (_ref, playbackUrl) => playbackUrl,
    getStream: async ref => {
      const stream = await absentIsUndefined(call('GET', path(PLANE_PATHS.stream, { ref }), planeStream))
      return stream && streamOf(stream)
    },
    listStreams: async () => (await call('GET', PLANE_PATHS.streams, planeStreams)).data.map(streamOf),
    stopStream: ref => absentIsDone(call('DELETE', path(PLANE_PATHS.stream, { ref }))),
    putMetadata: async (ref, payload) => {
      const placed = await call('POST', path(PLANE_PATHS.metadata, { ref }), planePlacedMetadata, { payload })
      return { placedAt: placed.placed_at }
    },
    getRecording: async streamId => {
      const recording = await absentIsUndefined(call('GET', path(PLANE_PATHS.recording, { streamId }), planeRecording))
      return recording && recordingOf(recording)
    },
    listSegments: async (streamId, fromSeq) => {
      const at = `${path(PLANE_PATHS.segments, { streamId })}?from_seq=${fromSeq}`
      return (await absentIsUndefined(call('GET', at, planeSegments)))?.data ?? []
    },
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Call = {
  (method: Method, path: string): Promise<unknown>
  <Schema extends z.ZodType>(method: Method, path: string, answer: Schema, body?: unknown): Promise<z.output<Schema>>
}

function planeCall(options: PlaneLiveChannelsOptions): Call {
  const guarded = guardedCall({ name: 'the media plane', timeoutMs: CALL_MS_MAX, retries: RETRIES, breaker: BREAKER })
  return <Schema extends z.ZodType>(method: Method, at: string, answer?: Schema, body?: unknown) =>
    guarded(async signal => {
      const traceparent = currentTraceparent()
      const response = await fetch(new URL(at, options.url), {
        method,
        headers: {
          authorization: `Bearer ${await options.sign(AUDIENCE, options.caller ?? 'channels')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(traceparent === undefined ? {} : { traceparent }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: 'error',
        signal,
      })
      const text = await response.text()
      if (!response.ok) throw refusalOf(response.status, text)
      return answer === undefined ? undefined : answer.parse(JSON.parse(text))
    })
}

function path(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
}

async function absentIsUndefined<Value>(answer: Promise<Value>): Promise<Value | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal && error.code === 'resource.missing') return undefined
    throw error
  }
}

async function absentIsDone(answer: Promise<unknown>): Promise<void> {
  await absentIsUndefined(answer)
}

/** The plane's own refusal under the same code; what cannot be read is the plane's trouble, and ours is to wait. */
function refusalOf(status: number, text: string): Refusal {
  const problem = parsed(text)
  const detail = typeof problem['detail'] === 'string' ? problem['detail'] : `The media plane answered ${status}.`
  if (status === 401 || status === 403) {
    return new Refusal('service.unavailable', { detail: 'The media plane does not accept our calls.' })
  }
  return new Refusal(isCode(problem['code']) ? problem['code'] : 'service.unavailable', { detail })
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function isCode(code: unknown): code is RefusalCode {
  return typeof code === 'string' && Object.hasOwn(REFUSALS, code)
}

function settingsOf(settings: LiveChannelSettings): PlaneChannelSettings {
  return {
    name: settings.name,
    latency_mode: settings.latencyMode,
    dvr_window_s: settings.dvrWindowS,
    renditions_max: settings.renditionsMax,
    reconnect_window_s: settings.reconnectWindowS,
    record: settings.record,
    enabled: settings.enabled,
  }
}

function channelOf({ ref, playback_id, ingest }: z.output<typeof planeChannel>): LiveChannel {
  return {
    ref,
    playbackId: playback_id,
    ingest: {
      ...(ingest.rtmp_url === undefined ? {} : { rtmpUrl: ingest.rtmp_url }),
      ...(ingest.srt_url === undefined ? {} : { srtUrl: ingest.srt_url }),
      ...(ingest.ws_url === undefined ? {} : { wsUrl: ingest.ws_url }),
    },
  }
}

function streamOf(stream: z.output<typeof planeStream>): LiveStream {
  return {
    ref: stream.ref,
    streamId: stream.stream_id,
    state: stream.state,
    epoch: stream.epoch,
    startedAt: stream.started_at,
    waitingUntil: stream.waiting_until,
    protocol: stream.protocol,
    media: stream.media,
    health: stream.health,
    renditions: stream.renditions,
    edgeAt: stream.edge_at,
  }
}

function recordingOf(recording: z.output<typeof planeRecording>) {
  return {
    streamId: recording.stream_id,
    prefix: recording.prefix,
    state: recording.state,
    segmentsProduced: recording.segments_produced,
    segmentsStored: recording.segments_stored,
    durationMs: recording.duration_ms,
  }
}
