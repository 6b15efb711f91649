import { setTimeout as sleep } from 'node:timers/promises'

/** A segment or part from the moment its playlist named it: when its bytes could be had, and the bytes. */
export type SeenMedia = {
  kind: 'segment' | 'part'
  msn: number
  /** Index within its segment; parts only. */
  part: number | undefined
  durationS: number
  /** Wall clock (ms) when a GET was answered 200. */
  atMs: number
  bytes: Uint8Array
}

export type ObservedPlaylist = { seen: SeenMedia[]; init: Uint8Array | undefined }

type Listed = { kind: 'segment' | 'part'; msn: number; part: number | undefined; durationS: number; uri: string }

/** How often a playlist that cannot be waited for is asked for, in ms. */
const POLL_MS = 10

/** What a media playlist lists, in order. */
function listedIn(playlist: string): { listed: Listed[]; map: string | undefined; nextMsn: number; nextPart: number } {
  const listed: Listed[] = []
  let msn = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/u.exec(playlist)?.[1] ?? 0)
  let part = 0
  let durationS = 0
  for (const line of playlist.split('\n')) {
    const partial = /^#EXT-X-PART:.*DURATION=([\d.]+).*URI="([^"]+)"/u.exec(line)
    if (partial !== null) {
      listed.push({ kind: 'part', msn, part, durationS: Number(partial[1]), uri: partial[2] ?? '' })
      part += 1
    } else if (line.startsWith('#EXTINF:')) durationS = Number.parseFloat(line.slice('#EXTINF:'.length))
    else if (line !== '' && !line.startsWith('#')) {
      listed.push({ kind: 'segment', msn, part: undefined, durationS, uri: line })
      msn += 1
      part = 0
    }
  }
  return { listed, map: /#EXT-X-MAP:URI="([^"]+)"/u.exec(playlist)?.[1], nextMsn: msn, nextPart: part }
}

async function bytesOf(url: URL): Promise<{ atMs: number; bytes: Uint8Array }> {
  const response = await fetch(url)
  const atMs = Date.now()
  if (!response.ok) throw new Error(`${url.href} is listed but answers ${response.status}.`)
  return { atMs, bytes: new Uint8Array(await response.arrayBuffer()) }
}

/** A playlist and its text; undefined when the signal ended the request, in its head or in its body. */
async function playlistOf(url: string, signal: AbortSignal): Promise<{ response: Response; text: string } | undefined> {
  try {
    const response = await fetch(url, { signal })
    return { response, text: await response.text() }
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/**
 * Follows a media playlist and fetches everything it adds after the first look, at once. `blocking` waits for the next
 * part as LL-HLS players do; without it the playlist is asked for every 10 ms. Ends with the signal.
 */
export async function observePlaylist(
  playlistUrl: string,
  options: { blocking: boolean; signal: AbortSignal },
): Promise<ObservedPlaylist> {
  const known = new Set<string>()
  const fetched: Promise<SeenMedia>[] = []
  let first = true
  let query = ''
  let init: string | undefined
  while (!options.signal.aborted) {
    const answer = await playlistOf(playlistUrl + query, options.signal)
    if (answer === undefined) break
    const { response, text } = answer
    const { listed, map, nextMsn, nextPart } = listedIn(text)
    if (response.ok) init = map
    for (const { uri, ...item } of response.ok ? listed : []) {
      if (known.has(uri)) continue
      known.add(uri)
      if (!first) fetched.push(bytesOf(new URL(uri, playlistUrl)).then(got => ({ ...item, ...got })))
    }
    if (response.ok) first = false
    if (options.blocking && response.ok) query = `?_HLS_msn=${nextMsn}&_HLS_part=${nextPart}`
    else await sleep(POLL_MS)
  }
  const seen = await Promise.all(fetched)
  return { seen, init: init === undefined ? undefined : (await bytesOf(new URL(init, playlistUrl))).bytes }
}

/** The media playlist of the picture that is this high, as a multivariant playlist names it. */
export async function mediaPlaylistUrl(masterUrl: string, height: number): Promise<string> {
  const master = await (await fetch(masterUrl)).text()
  const lines = master.split('\n')
  const at = lines.findIndex(line => line.startsWith('#EXT-X-STREAM-INF:') && line.includes(`x${height}`))
  const uri = lines[at + 1]
  if (at < 0 || uri === undefined) throw new Error(`No picture is ${height} high:\n${master}`)
  return new URL(uri, masterUrl).href
}
