import { decodeJwt } from 'jose'
import { rfc3339 } from '#shared/domain/clock.ts'
import { mediaUrlOf, PLAYBACK_PATHS } from '#shared/domain/playback-paths.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import type { Log } from '#shared/service/log.ts'
import type { Principal } from '#shared/service/principal.ts'
import { getChannel } from './channel-queries.ts'
import type { ChannelsDeps } from './channels-deps.ts'
import { livePlayback } from './live-playback.ts'
import { owns } from './own-channel.ts'
import { clipOwner, playbackTarget } from './playback-queries.ts'
import type { CreatePlaybackTokenBody, PlaybackTokenAnswer } from './playback-token-answer.ts'
import { getStream } from './stream-queries.ts'

const MS_PER_S = 1_000
/** Shows that play under `/live/`. */
const ON_AIR = new Set(['connecting', 'live', 'reconnecting'])

/** What a playback id stands for: whose it is, and the entry point of it. */
type Target = { creatorId: string; entry: URL }

/**
 * A URL that lets whoever has it watch one playback id of the caller's until it ends: our own with a token in its path, or
 * on a plane that serves its shows itself that plane's, whose tokens live as long as it says. Throws `resource.missing`.
 */
export async function createPlaybackToken(
  deps: ChannelsDeps,
  principal: Principal,
  { playback_id: id, ttl_s: ttlS, viewer_id: viewer }: CreatePlaybackTokenBody,
  log: Log,
): Promise<PlaybackTokenAnswer> {
  const target = await targetOf(deps, id)
  if (target === undefined || !owns(principal, target.creatorId)) {
    throw new Refusal('resource.missing', { detail: 'There is no such playback id.', param: '/playback_id' })
  }
  const answer = passOf(target.entry) ?? ours(deps, id, target.entry, ttlS)
  log.info({ playback_id: id, viewer_id: viewer, expires_at: answer.expires_at }, 'a playback token was minted')
  return answer
}

function ours({ keys, now }: ChannelsDeps, id: string, entry: URL, ttlS: number): PlaybackTokenAnswer {
  const expS = Math.floor(now() / MS_PER_S) + ttlS
  const url = new URL(entry)
  url.pathname = playbackTokens(keys.playbackTokens, now).mint(id, expS) + url.pathname
  return { url: url.href, expires_at: rfc3339(expS * MS_PER_S) }
}

/** A URL that carries the plane's own pass. */
function passOf(entry: URL): PlaybackTokenAnswer | undefined {
  const pass = entry.searchParams.get('token')
  if (pass === null) return undefined
  return { url: entry.href, expires_at: rfc3339((decodeJwt(pass).exp ?? 0) * MS_PER_S) }
}

async function targetOf(deps: ChannelsDeps, id: string): Promise<Target | undefined> {
  const { database, settings } = deps
  const [found] = await database.read(playbackTarget(id))
  if (found === undefined) return undefined
  const { target_kind: kind, target_id: targetId } = found
  const stored = (file: string) => new URL(mediaUrlOf(settings.mediaUrl, `play/${id}/${file}`))
  if (kind === 'channel') {
    const [channel] = await database.read(getChannel(targetId))
    if (channel === undefined) return undefined
    const { hls_url: url } = await livePlayback(deps, id, async () => channel)
    return { creatorId: channel.creator_id, entry: new URL(url) }
  }
  if (kind === 'stream') {
    const [stream] = await database.read(getStream(targetId))
    if (stream === undefined) return undefined
    if (!ON_AIR.has(stream.state)) return { creatorId: stream.creator_id, entry: stored(PLAYBACK_PATHS.hls) }
    const channel = async () => (await database.read(getChannel(stream.channel_id)))[0]
    const { hls_url: url } = await livePlayback(deps, id, channel)
    return { creatorId: stream.creator_id, entry: new URL(url) }
  }
  const [clip] = kind === 'clip' ? await database.read(clipOwner(targetId)) : []
  return clip && { creatorId: clip.creator_id, entry: stored(PLAYBACK_PATHS.clip) }
}
