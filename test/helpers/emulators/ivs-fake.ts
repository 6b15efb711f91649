import * as ivs from '@aws-sdk/client-ivs'
import { type AwsModelFake, awsModelFake, ModelError, type WireFields } from './aws-model-fake.ts'

/** Amazon IVS in memory, and hands on its publishers. */
export type IvsFake = AsyncDisposable & {
  url: string
  calls: AwsModelFake['calls']
  clock: { nowMs: number }
  /** Whether a publisher with that stream key would be let in. */
  admits(secret: string): boolean
  /** A publisher comes on air with that key; `onOver` runs before IVS says that its session ended. */
  goLive(secret: string, onOver?: () => Promise<void>): IvsPublisher
  /** What was put at the live edge. */
  metadata: { channelArn: string; metadata: string }[]
}

export type IvsPublisher = {
  channelArn: string
  streamId: string
  startedAt: string
  leave(): Promise<void>
  /** Why the session ended, once it has. */
  over(): string | undefined
}

/** What nobody could check without an account. */
export const IVS_UNCHECKED = [
  'ListChannels: whether a channel is listed at once after CreateChannel, which decides who wins two creates at once',
  'StopStream: how soon the publisher is disconnected, and whether it may come back with the same key at once',
  'DeleteStreamKey: that a session that runs on the key goes on until it is stopped',
  'UpdateChannel and DeleteChannel: the error of a channel that is on the air',
  'PutMetadata: the bounds of the account (155 a second) beside those of a channel',
  'GetStreamSession: which members of the ingest configuration are there, and when',
  'Recordings: whether playlists are rewritten while the show is on, and carry EXT-X-PROGRAM-DATE-TIME',
  'Playback: that IVS takes the ES384 token',
] as const

export const IVS_REGION = 'us-east-1'
export const IVS_ACCOUNT = '123456789012'
const METADATA_BYTES_MAX = 1_024
const METADATA_PER_SECOND = 5
const PAGE = 2

type Channel = { arn: string; name: string; tags: Record<string, string> } & WireFields
type Key = { arn: string; value: string; channelArn: string; tags: Record<string, string> }
type Session = {
  channelArn: string
  streamId: string
  startTime: string
  endTime: string | undefined
  why: string | undefined
  onOver: () => Promise<void>
}

/** One key a channel, sessions that end with their publisher, PutMetadata within its bounds: as the documentation says. */
export async function ivsFake(): Promise<IvsFake> {
  const state = new IvsState()
  const fake = await awsModelFake(ivs, state.verbs())
  return {
    url: fake.url,
    calls: fake.calls,
    clock: state.clock,
    metadata: state.metadata,
    admits: secret => [...state.keys.values()].some(({ value }) => value === secret),
    goLive: (secret, onOver) => state.goLive(secret, onOver),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}

class IvsState {
  readonly clock = { nowMs: Date.parse('2026-11-21T18:00:30.000Z') }
  readonly keys = new Map<string, Key>()
  readonly metadata: IvsFake['metadata'] = []
  readonly #channels = new Map<string, Channel>()
  readonly #sessions: Session[] = []
  readonly #puts: { channelArn: string; atMs: number }[] = []
  #made = 0

  verbs(): Parameters<typeof awsModelFake>[1] {
    return {
      CreateChannel: input => this.#createChannel(input),
      GetChannel: ({ arn }) => ({ channel: this.#channel(arn) }),
      ListChannels: ({ filterByName, nextToken }) => {
        const all = [...this.#channels.values()].filter(
          ({ name }) => filterByName === undefined || name === filterByName,
        )
        const { items, next } = page(all, nextToken)
        return { channels: items.map(({ arn, name, tags }) => ({ arn, name, tags })), ...next }
      },
      UpdateChannel: ({ arn, ...changes }) => {
        const channel = this.#channel(arn)
        if (this.#live(channel.arn)) throw new ModelError('ConflictException', 'The channel is on the air.')
        Object.assign(channel, changes)
        return { channel }
      },
      DeleteChannel: ({ arn }) => {
        const channel = this.#channel(arn)
        if (this.#live(channel.arn)) throw new ModelError('ConflictException', 'The channel is on the air.')
        this.#channels.delete(channel.arn)
        for (const key of this.keys.values()) if (key.channelArn === channel.arn) this.keys.delete(key.arn)
        return undefined
      },
      CreateStreamKey: ({ channelArn, tags }) => {
        const channel = this.#channel(channelArn)
        if (this.#keysOf(channel.arn).length > 0) {
          throw new ModelError('ServiceQuotaExceededException', 'A channel has one stream key.')
        }
        return { streamKey: this.#newKey(channel.arn, (tags ?? {}) as Record<string, string>) }
      },
      GetStreamKey: ({ arn }) => ({ streamKey: this.#key(arn) }),
      ListStreamKeys: ({ channelArn, nextToken }) => {
        const { items, next } = page(this.#keysOf(this.#channel(channelArn).arn), nextToken)
        return { streamKeys: items.map(({ arn, channelArn: at, tags }) => ({ arn, channelArn: at, tags })), ...next }
      },
      DeleteStreamKey: ({ arn }) => {
        this.keys.delete(this.#key(arn).arn)
        return undefined
      },
      GetStream: ({ channelArn }) => ({ stream: this.#summary(this.#onAir(channelArn)) }),
      ListStreams: ({ nextToken }) => {
        const { items, next } = page(
          this.#sessions.filter(({ endTime }) => endTime === undefined),
          nextToken,
        )
        return { streams: items.map(session => this.#summary(session)), ...next }
      },
      StopStream: async ({ channelArn }) => {
        await this.#end(this.#onAir(channelArn), 'stopped')
        return {}
      },
      PutMetadata: ({ channelArn, metadata }) => this.#putMetadata(String(channelArn), String(metadata)),
      GetStreamSession: ({ channelArn, streamId }) => this.#session(channelArn, streamId),
    }
  }

  goLive(secret: string, onOver = async () => {}): IvsPublisher {
    const key = [...this.keys.values()].find(({ value }) => value === secret)
    if (key === undefined) throw new Error('IVS does not let this publisher in.')
    const channelArn = key.channelArn
    const startTime = new Date(this.clock.nowMs).toISOString()
    const streamId = `st-${this.#name('1A2b3c4D5e6F78ghij9Klmn')}`
    const session: Session = { channelArn, streamId, startTime, endTime: undefined, why: undefined, onOver }
    this.#sessions.push(session)
    return {
      channelArn,
      streamId,
      startedAt: startTime,
      leave: () => this.#end(session, 'left'),
      over: () => session.why,
    }
  }

  #createChannel({ tags, ...wanted }: WireFields): object {
    const name = typeof wanted['name'] === 'string' ? wanted['name'] : ''
    if (!/^[a-zA-Z0-9-_]{0,128}$/.test(name)) throw new ModelError('ValidationException', 'name')
    const id = this.#name('AbCdef1G2hij')
    const arn = `arn:aws:ivs:${IVS_REGION}:${IVS_ACCOUNT}:channel/${id}`
    const channel: Channel = {
      latencyMode: 'LOW',
      type: 'STANDARD',
      recordingConfigurationArn: '',
      authorized: false,
      ...wanted,
      arn,
      name,
      ingestEndpoint: 'a1b2c3d4e5f6.global-contribute.live-video.net',
      playbackUrl: `https://a1b2c3d4e5f6.${IVS_REGION}.playback.live-video.net/api/video/v1/${IVS_REGION}.${IVS_ACCOUNT}.channel.${id}.m3u8`,
      tags: (tags ?? {}) as Record<string, string>,
    }
    this.#channels.set(arn, channel)
    return { channel, streamKey: this.#newKey(arn, channel.tags) }
  }

  /** IVS's names have a fixed length: that of the pattern, whose end is counted up. */
  #name(pattern: string): string {
    const count = String((this.#made += 1))
    return pattern.slice(0, -count.length) + count
  }

  #newKey(channelArn: string, tags: Record<string, string>): Key {
    const made = (this.#made += 1)
    const arn = `arn:aws:ivs:${IVS_REGION}:${IVS_ACCOUNT}:stream-key/g1H2I3j4k5L${made}`
    const key = { arn, value: `sk_${IVS_REGION}_${'x'.repeat(30)}${made}`, channelArn, tags }
    this.keys.set(arn, key)
    return key
  }

  #channel(arn: unknown): Channel {
    const channel = this.#channels.get(String(arn))
    if (channel === undefined) throw new ModelError('ResourceNotFoundException', `No channel ${String(arn)}.`)
    return channel
  }

  #key(arn: unknown): Key {
    const key = this.keys.get(String(arn))
    if (key === undefined) throw new ModelError('ResourceNotFoundException', `No stream key ${String(arn)}.`)
    return key
  }

  #keysOf(channelArn: string): Key[] {
    return [...this.keys.values()].filter(key => key.channelArn === channelArn)
  }

  #live(channelArn: string): Session | undefined {
    return this.#sessions.find(session => session.channelArn === channelArn && session.endTime === undefined)
  }

  #onAir(channelArn: unknown): Session {
    const session = this.#live(this.#channel(channelArn).arn)
    if (session === undefined) throw new ModelError('ChannelNotBroadcasting', 'The channel is not on the air.')
    return session
  }

  async #end(session: Session, why: string): Promise<void> {
    if (session.endTime !== undefined) return
    session.endTime = new Date(this.clock.nowMs).toISOString()
    session.why = why
    await session.onOver()
  }

  #summary({ channelArn, streamId, startTime }: Session): object {
    return { channelArn, streamId, startTime, state: 'LIVE', health: 'HEALTHY', viewerCount: 0 }
  }

  #putMetadata(channelArn: string, metadata: string): undefined {
    if (Buffer.byteLength(metadata) > METADATA_BYTES_MAX) throw new ModelError('ValidationException', 'metadata')
    const { channelArn: arn } = this.#onAir(channelArn)
    const since = this.clock.nowMs - 1_000
    const recent = this.#puts.filter(put => put.channelArn === arn && put.atMs > since)
    if (recent.length >= METADATA_PER_SECOND) throw new ModelError('ThrottlingException', 'Too many cues.')
    this.#puts.push({ channelArn: arn, atMs: this.clock.nowMs })
    this.metadata.push({ channelArn: arn, metadata })
  }

  #session(channelArn: unknown, streamId: unknown): object {
    const { arn } = this.#channel(channelArn)
    const ofChannel = this.#sessions.filter(each => each.channelArn === arn)
    const found = streamId === undefined ? ofChannel.at(-1) : ofChannel.find(each => each.streamId === streamId)
    if (found === undefined) throw new ModelError('ResourceNotFoundException', 'No such session.')
    const { startTime, endTime } = found
    return {
      streamSession: {
        streamId: found.streamId,
        startTime,
        ...(endTime === undefined ? {} : { endTime }),
        ingestConfiguration: {
          video: {
            codec: 'avc1.4D401F',
            targetFramerate: 30,
            videoWidth: 1280,
            videoHeight: 720,
            targetBitrate: 3_000_000,
          },
          audio: { codec: 'mp4a.40.2', sampleRate: 48_000, channels: 2, targetBitrate: 96_000 },
        },
        truncatedEvents: [],
      },
    }
  }
}

/** Short pages, so that whoever reads one page alone is found out. */
function page<Item>(all: readonly Item[], token: unknown): { items: Item[]; next: { nextToken?: string } } {
  const from = Number(token ?? 0)
  const to = from + PAGE
  return { items: all.slice(from, to), next: to < all.length ? { nextToken: String(to) } : {} }
}
