import { call } from '../api/call.ts'
import type { Stream } from '../api/api-routes.ts'

const STORED = 'showreel.channels'
const REMEMBERED_MAX = 6
const CHANNELS_MAX = 8
const SHOWS_A_CHANNEL_MAX = 4
const SHOWS_MAX = 12

function remembered(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(kept) ? kept.filter(id => typeof id === 'string').slice(0, REMEMBERED_MAX) : []
  } catch {
    return []
  }
}

/** Remembers on this device alone that the viewer watched a channel. */
export function rememberChannel(id: string): void {
  const next = [id, ...remembered().filter(known => known !== id)].slice(0, REMEMBERED_MAX)
  localStorage.setItem(STORED, JSON.stringify(next))
}

/** The channels whose past shows this viewer may care for: those on the air and those watched before. */
export function knownChannels(live: readonly Stream[]): string[] {
  return [...new Set([...live.map(stream => stream.channel_id), ...remembered()])].slice(0, CHANNELS_MAX)
}

/** The newest finished shows of those channels. A channel that cannot be asked is left out. */
export async function showsToWatchAgain(channels: readonly string[], signal: AbortSignal): Promise<Stream[]> {
  const pages = await Promise.allSettled(
    channels.map(channel =>
      call('GET /v1/streams', { query: { state: 'ended', channel, limit: SHOWS_A_CHANNEL_MAX }, signal }),
    ),
  )
  return pages
    .flatMap(page => (page.status === 'fulfilled' ? page.value.data : []))
    .filter(stream => stream.state !== 'failed')
    .sort((a, b) => Date.parse(b.ended_at ?? '') - Date.parse(a.ended_at ?? ''))
    .slice(0, SHOWS_MAX)
}
