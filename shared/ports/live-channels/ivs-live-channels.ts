import {
  GetStreamCommand,
  GetStreamSessionCommand,
  type IvsClient,
  paginateListStreams,
  PutMetadataCommand,
  StopStreamCommand,
  type StreamSession,
  type StreamSummary,
} from '@aws-sdk/client-ivs'
import { type Clock, rfc3339 } from '#shared/domain/clock.ts'
import { ivsChannelId, ivsShowId, ivsShowParts } from '#shared/domain/ivs-names.ts'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { cueGatherer } from './cue-gatherer.ts'
import { everyPage, ifThere, ivsCall, type IvsCallOptions, ivsClient } from './ivs-call.ts'
import { changeChannel, channelOf, findOrCreateChannel, readChannel, removeChannel, wantedOf } from './ivs-channels.ts'
import { type FoundRecording, findRecording, recordedSegments, recordingFacts } from './ivs-recordings.ts'
import { findOrCreateKey, removeKey, removeKeys } from './ivs-stream-keys.ts'
import { ivsPlayback } from './ivs-playback.ts'
import type { LiveChannels, LiveChannelSettings, LiveFeatures, LiveStream } from './live-channels.ts'

export type IvsLiveChannelsOptions = IvsCallOptions & {
  /** The AWS account whose channels these are. */
  accountId: string
  /** Where recorded shows go: a recording configuration of the bucket that `recordings` shows. */
  recordingConfigurationArn: string
  recordings: ObjectStore
  /** With the private half of a playback key pair (PEM), channels are private and their URLs signed. */
  playbackKey?: string
  now: Clock
}

/** What Amazon IVS can do, as its service quotas and its guide say. */
const FEATURES: LiveFeatures = {
  segmentEvents: 'recording',
  liveClip: 'recorded',
  dash: false,
  playback: 'plane',
  keysPerChannel: 1,
  disabledKeys: 'gone',
  reconnects: false,
  doors: ['rtmp'],
  metadata: { bytesMax: 1_024, perSecond: 5, overRate: 'gathered' },
}

/** IVS does not tell by which door a publisher came. */
const PROTOCOL = 'unknown'
/** On IVS each connection is a session of its own. */
const EPOCH = 1
/** Places of recordings that are remembered. */
const FOUND_MAX = 1_000
/** Segments in one answer. */
const SEGMENTS_MAX = 200

/**
 * Amazon IVS: managed ingest, ladder and delivery. A show is a session of a channel and ends with its publisher; a disabled
 * channel is one without a key; what is recorded is found in the bucket, where IVS writes it.
 */
export function ivsLiveChannels(options: IvsLiveChannelsOptions): LiveChannels & Disposable {
  const { now, recordings } = options
  const client = ivsClient(options)
  const cues = cueGatherer({
    ...FEATURES.metadata,
    place: async (channelArn, metadata) => {
      await ivsCall(call => client.send(new PutMetadataCommand({ channelArn, metadata }), call))
    },
    now,
  })
  const places = recordingPlaces(client, options)
  const { playbackKey } = options
  const sign = playbackKey === undefined ? undefined : ivsPlayback({ key: playbackKey, now })
  const wanted = (settings: LiveChannelSettings) =>
    wantedOf(settings, options.recordingConfigurationArn, playbackKey !== undefined)
  return {
    features: FEATURES,
    createChannel: async (token, settings) => {
      return channelOf(await findOrCreateChannel(client, token, wanted(settings), now))
    },
    updateChannel: async (ref, settings) => {
      const channel = await readChannel(client, ref)
      if (!settings.enabled) {
        await removeKeys(client, ref)
        await stop(client, ref)
      }
      await changeChannel(client, channel, wanted(settings))
      return channelOf(channel)
    },
    getChannel: async ref => channelOf(await readChannel(client, ref)),
    deleteChannel: async ref => {
      if (ivsChannelId(ref) === '') return
      await stop(client, ref)
      await removeChannel(client, ref)
    },
    createStreamKey: async (ref, token) => {
      await readChannel(client, ref)
      const { keyRef, secret, replaced } = await findOrCreateKey(client, ref, token)
      if (replaced) await stop(client, ref)
      return { keyRef, secret }
    },
    // No key of IVS ends by itself: with a time that is still to come it ends now.
    deleteStreamKey: async (ref, keyRef) => {
      if (await removeKey(client, keyRef)) await stop(client, ref)
    },
    watchUrl: async (ref, playbackUrl) => (await sign?.(ref, playbackUrl)) ?? playbackUrl,
    getStream: async ref => await streamOn(client, ref),
    listStreams: async () => (await everyStream(client)).map(summary => streamOf(summary, undefined)),
    stopStream: async ref => await stop(client, ref),
    putMetadata: async (ref, payload) => {
      await cues.put(ref, payload)
      return { placedAt: rfc3339(now()) }
    },
    getRecording: async streamId => {
      const found = await places(streamId)
      return found && (await recordingFacts(recordings, streamId, found))
    },
    listSegments: async (streamId, fromSeq) => {
      const found = await places(streamId)
      if (found === undefined) return []
      const { segments } = await recordedSegments(recordings, found)
      return segments.filter(({ seq }) => seq >= fromSeq).slice(0, SEGMENTS_MAX)
    },
    [Symbol.dispose]: () => {
      cues[Symbol.dispose]()
      client.destroy()
    },
  }
}

async function stop(client: IvsClient, channelArn: string): Promise<void> {
  if (ivsChannelId(channelArn) === '') return
  await ifThere(ivsCall(options => client.send(new StopStreamCommand({ channelArn }), options)))
}

async function streamOn(client: IvsClient, channelArn: string): Promise<LiveStream | undefined> {
  if (ivsChannelId(channelArn) === '') return undefined
  const found = await ifThere(ivsCall(options => client.send(new GetStreamCommand({ channelArn }), options)))
  if (found?.stream === undefined || found.stream.state === 'OFFLINE') return undefined
  return streamOf(found.stream, await sessionOf(client, channelArn, found.stream.streamId))
}

async function everyStream(client: IvsClient): Promise<StreamSummary[]> {
  const streams = await everyPage(
    options => paginateListStreams({ client }, {}, options),
    page => page.streams,
  )
  return streams.filter(({ state }) => state !== 'OFFLINE')
}

async function sessionOf(
  client: IvsClient,
  channelArn: string,
  streamId: string | undefined,
): Promise<StreamSession | undefined> {
  const asked = { channelArn, ...(streamId === undefined ? {} : { streamId }) }
  const found = await ifThere(ivsCall(options => client.send(new GetStreamSessionCommand(asked), options)))
  return found?.streamSession
}

function streamOf(stream: StreamSummary, session: StreamSession | undefined): LiveStream {
  const { channelArn: ref = '', streamId = '', startTime } = stream
  return {
    ref,
    streamId: ivsShowId(ref, streamId),
    state: 'live',
    epoch: EPOCH,
    startedAt: rfc3339(startTime?.getTime() ?? 0),
    waitingUntil: undefined,
    protocol: PROTOCOL,
    media: mediaOf(session),
    health: undefined,
    renditions: [],
    edgeAt: undefined,
  }
}

function mediaOf(session: StreamSession | undefined): MediaFacts | undefined {
  const { video, audio } = session?.ingestConfiguration ?? {}
  const { codec, videoWidth: width, videoHeight: height, targetFramerate: fps } = video ?? {}
  if (!codec || !width || !height || !fps) return undefined
  const { codec: sound, sampleRate, channels } = audio ?? {}
  return {
    video: { codec, width, height, fps },
    audio: !sound || !sampleRate || !channels ? null : { codec: sound, sample_rate: sampleRate, channels },
  }
}

/** Where the recordings of shows lie; a place that was found once is remembered, for it never changes. */
function recordingPlaces(client: IvsClient, { region, accountId, recordings }: IvsLiveChannelsOptions) {
  const known = new Map<string, FoundRecording>()
  return async (showId: string): Promise<FoundRecording | undefined> => {
    const parts = ivsShowParts(showId)
    const remembered = known.get(showId)
    if (parts === undefined || remembered !== undefined) return remembered
    const { channelId, sessionId } = parts
    const channelArn = `arn:aws:ivs:${region}:${accountId}:channel/${channelId}`
    const session = await sessionOf(client, channelArn, sessionId)
    if (session?.startTime === undefined) return undefined
    const startedAtMs = session.startTime.getTime()
    const show = { showId, accountId, channelId, startedAtMs, endedAtMs: session.endTime?.getTime() }
    const found = await findRecording(recordings, show)
    if (found === undefined) return undefined
    if (known.size >= FOUND_MAX) known.clear()
    known.set(showId, found)
    return found
  }
}
