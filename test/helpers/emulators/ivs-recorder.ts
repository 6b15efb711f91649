import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'

/** A recording as IVS lays it out, written as its show goes on. */
export type IvsRecorder = {
  /** Ends without `/`, as IVS's events tell it. */
  prefix: string
  /** Stores one segment in every rendition, then the playlists that name it; gives the keys it wrote. */
  segment(bytes: Readonly<Record<string, Uint8Array>>, durationS: number): Promise<string[]>
  end(): Promise<void>
}

export type IvsRecorderOptions = {
  store: ObjectStore
  accountId: string
  channelArn: string
  startedAt: string
  recordingId: string
  renditions: readonly { name: string; width: number; height: number }[]
}

const TARGET_S = 12
const JSON_TYPE = { contentType: 'application/json' }
const PLAYLIST_TYPE = { contentType: 'application/x-mpegURL' }
const SEGMENT_TYPE = { contentType: 'video/MP2T' }

/** Amazon IVS User Guide, "Auto-Record to Amazon S3": prefix, `events/`, `media/hls/<rendition>/<n>.ts`. */
export async function ivsRecorder(options: IvsRecorderOptions): Promise<IvsRecorder> {
  const { store, accountId, channelArn, renditions } = options
  const at = new Date(options.startedAt)
  const minute = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes()]
  const channelId = channelArn.split('/').at(-1) ?? ''
  const prefix = ['ivs/v1', accountId, channelId, ...minute, options.recordingId].join('/')
  const lines: { uri: string; durationS: number }[] = []
  const facts = {
    version: 'v1',
    recording_started_at: at.toISOString(),
    channel_arn: channelArn,
    media: {
      hls: {
        path: 'media/hls',
        playlist: 'master.m3u8',
        renditions: renditions.map(({ name, width, height }) => ({
          path: name,
          playlist: 'playlist.m3u8',
          resolution_width: width,
          resolution_height: height,
        })),
      },
    },
  }
  const text = async (key: string, body: string, type: { contentType: string }) => {
    await store.put(`${prefix}/${key}`, Buffer.from(body), type)
  }
  const playlists = async (over: boolean) => {
    const body = [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      '#EXT-X-MEDIA-SEQUENCE:0',
      `#EXT-X-PLAYLIST-TYPE:${over ? 'VOD' : 'EVENT'}`,
      `#EXT-X-TARGETDURATION:${TARGET_S}`,
      ...lines.flatMap(({ uri, durationS }) => [`#EXTINF:${durationS.toFixed(3)},`, uri]),
      ...(over ? ['#EXT-X-ENDLIST'] : []),
      '',
    ].join('\n')
    for (const { name } of renditions) await text(`media/hls/${name}/playlist.m3u8`, body, PLAYLIST_TYPE)
    const variants = renditions.flatMap(({ name, width, height }) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=1000000,RESOLUTION=${width}x${height}`,
      `${name}/playlist.m3u8`,
    ])
    await text('media/hls/master.m3u8', ['#EXTM3U', ...variants, ''].join('\n'), PLAYLIST_TYPE)
  }
  await text(
    'events/recording-started.json',
    JSON.stringify({ ...facts, recording_status: 'RECORDING_STARTED' }),
    JSON_TYPE,
  )
  return {
    prefix,
    async segment(bytes, durationS) {
      const uri = `${lines.length}.ts`
      const keys: string[] = []
      for (const { name } of renditions) {
        const key = `${prefix}/media/hls/${name}/${uri}`
        await store.put(key, bytes[name] ?? Buffer.from(`${name} ${uri}`), SEGMENT_TYPE)
        keys.push(key)
      }
      lines.push({ uri, durationS })
      await playlists(false)
      return keys
    },
    async end() {
      await playlists(true)
      const durationMs = lines.reduce((sum, { durationS }) => sum + durationS * 1_000, 0)
      const ended = {
        ...facts,
        recording_ended_at: new Date(at.getTime() + durationMs).toISOString(),
        recording_status: 'RECORDING_ENDED',
      }
      await text('events/recording-ended.json', JSON.stringify(ended), JSON_TYPE)
    },
  }
}
