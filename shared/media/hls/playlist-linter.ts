import { lintLowLatency } from './low-latency-rules.ts'
import { finding, type PlaylistFinding } from './playlist-finding.ts'
import { findTag, type PlaylistText, readPlaylistText } from './playlist-text.ts'
import { lintReload } from './reload-rules.ts'

export type LintOptions = {
  kind: 'live' | 'vod' | 'multivariant'
  /** The same playlist as it was read before: then what must not change is checked too. */
  previous?: string
}

/** Milliseconds by which program date-times may disagree with the durations between them. */
const PDT_SLACK_MS = 5

/** Reads a playlist as a strict player would and names every rule it breaks; none for a good one. */
export function lintPlaylist(text: string, options: LintOptions): PlaylistFinding[] {
  const playlist = readPlaylistText(text)
  if (options.kind === 'multivariant') return [...lintBasics(text, playlist), ...lintMultivariant(text, playlist)]
  return [
    ...lintBasics(text, playlist),
    ...lintHead(playlist, options.kind),
    ...lintSegments(playlist),
    ...lintClocks(playlist),
    ...lintLowLatency(playlist),
    ...(options.previous === undefined ? [] : lintReload(playlist, readPlaylistText(options.previous))),
  ]
}

function lintBasics(text: string, playlist: PlaylistText): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  if (playlist.lines[0] !== '#EXTM3U') found.push(finding('4.4.1.1', 'EXTM3U is not the first line.'))
  if (/\r/u.test(text) || text.startsWith('\uFEFF'))
    found.push(finding('4.1', 'A carriage return or a byte order mark.'))
  const versions = playlist.tags.filter(({ name }) => name === 'EXT-X-VERSION')
  if (versions.length > 1) found.push(finding('4.4.1.2', 'More than one EXT-X-VERSION.'))
  const version = Number(versions[0]?.value ?? 1)
  const needed = neededVersion(text)
  if (version < needed) found.push(finding('8', `EXT-X-VERSION is ${version}; its tags need ${needed}.`))
  return found
}

function neededVersion(text: string): number {
  if (text.includes('#EXT-X-SKIP')) return 9
  if (text.includes('#EXT-X-MAP')) return 6
  return /#EXTINF:\d+\./u.test(text) ? 3 : 1
}

function lintHead(playlist: PlaylistText, kind: 'live' | 'vod'): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  const { tags } = playlist
  if (!/^\d+$/u.test(findTag(tags, 'EXT-X-TARGETDURATION')?.value ?? '')) {
    found.push(finding('4.4.3.1', 'EXT-X-TARGETDURATION is required, a whole number.'))
  }
  for (const name of [
    'EXT-X-TARGETDURATION',
    'EXT-X-MEDIA-SEQUENCE',
    'EXT-X-DISCONTINUITY-SEQUENCE',
    'EXT-X-PLAYLIST-TYPE',
  ]) {
    if (tags.filter(tag => tag.name === name).length > 1) found.push(finding('4.1', `${name} occurs more than once.`))
  }
  const firstSegment = playlist.segments[0]?.tags[0]?.line ?? Infinity
  for (const name of ['EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE']) {
    const at = findTag(tags, name)
    if (at !== undefined && at.line > firstSegment)
      found.push(finding('4.4.3.2', `${name} comes after the first segment.`))
  }
  const ended = findTag(tags, 'EXT-X-ENDLIST') !== undefined
  if (kind === 'vod' && !ended) found.push(finding('4.4.3.4', 'A finished playlist without EXT-X-ENDLIST.'))
  if (findTag(tags, 'EXT-X-PLAYLIST-TYPE')?.value === 'VOD' && !ended) {
    found.push(finding('4.4.3.5', 'A VOD playlist may still change: it has no EXT-X-ENDLIST.'))
  }
  return found
}

function lintSegments(playlist: PlaylistText): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  const targetS = Number(findTag(playlist.tags, 'EXT-X-TARGETDURATION')?.value ?? Number.NaN)
  const skipped = findTag(playlist.tags, 'EXT-X-SKIP') !== undefined
  let hasMap = skipped
  for (const segment of playlist.segments) {
    const durations = segment.tags.filter(({ name }) => name === 'EXTINF')
    const durationS = Number.parseFloat(durations[0]?.value ?? '')
    if (durations.length !== 1 || !(durationS >= 0))
      found.push(finding('4.4.4.1', `${segment.uri} has no EXTINF of its own.`))
    if (Math.round(durationS) > targetS) {
      found.push(finding('4.4.3.1', `${segment.uri} lasts ${durationS} s, the target duration is ${targetS} s.`))
    }
    hasMap ||= findTag(segment.tags, 'EXT-X-MAP')?.attributes.has('URI') === true
    const gap = findTag(segment.tags, 'EXT-X-GAP') !== undefined
    if (!hasMap && !gap) found.push(finding('4.4.4.5', `${segment.uri} is fragmented MP4 without EXT-X-MAP.`))
  }
  if (playlist.segments.length === 0 && !skipped) found.push(finding('4.3', 'There is no segment.'))
  return found
}

function lintClocks(playlist: PlaylistText): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  let expectedMs: number | undefined
  for (const segment of playlist.segments) {
    const clock = findTag(segment.tags, 'EXT-X-PROGRAM-DATE-TIME')
    const atMs = Date.parse(clock?.value ?? '')
    if (clock !== undefined && (Number.isNaN(atMs) || !/(?:Z|[+-]\d\d:\d\d)$/u.test(clock.value))) {
      found.push(finding('4.4.4.6', `${clock.value} is not a date-time with a zone.`))
    }
    const jump = findTag(segment.tags, 'EXT-X-DISCONTINUITY') !== undefined
    if (expectedMs !== undefined && !jump && Math.abs(atMs - expectedMs) > PDT_SLACK_MS) {
      found.push(
        finding('4.4.4.6', `${segment.uri} is ${Math.round(atMs - expectedMs)} ms off the clock of what came before.`),
      )
    }
    if (expectedMs !== undefined && atMs < expectedMs - PDT_SLACK_MS) {
      found.push(finding('6.2.1', `${segment.uri} goes back in time.`))
    }
    const durationS = Number.parseFloat(findTag(segment.tags, 'EXTINF')?.value ?? '')
    expectedMs = Number.isNaN(atMs) ? undefined : atMs + durationS * 1000
  }
  return found
}

function lintMultivariant(text: string, playlist: PlaylistText): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  const groups = new Map<string, Set<string>>()
  for (const tag of playlist.tags.filter(({ name }) => name === 'EXT-X-MEDIA')) {
    for (const attribute of ['TYPE', 'GROUP-ID', 'NAME']) {
      if (!tag.attributes.has(attribute)) found.push(finding('4.4.6.1', `EXT-X-MEDIA without ${attribute}.`))
    }
    const group = `${tag.attributes.get('TYPE')} ${tag.attributes.get('GROUP-ID')}`
    const names = groups.get(group) ?? new Set()
    const name = tag.attributes.get('NAME') ?? ''
    if (names.has(name)) found.push(finding('4.4.6.1.1', `Two renditions of ${group} are called ${name}.`))
    groups.set(group, names.add(name))
  }
  const variants = playlist.tags.filter(({ name }) => name === 'EXT-X-STREAM-INF')
  if (variants.length === 0) found.push(finding('4.3', 'A multivariant playlist without a variant.'))
  for (const tag of variants) {
    const at = playlist.lines[tag.line] ?? ''
    if (at === '' || at.startsWith('#')) found.push(finding('4.4.6.2', 'EXT-X-STREAM-INF is not followed by a URI.'))
    if (!/^\d+$/u.test(tag.attributes.get('BANDWIDTH') ?? ''))
      found.push(finding('4.4.6.2', 'BANDWIDTH is required, whole.'))
    for (const attribute of ['CODECS', 'RESOLUTION', 'FRAME-RATE']) {
      if (!tag.attributes.has(attribute)) found.push(finding('4.4.6.2', `${at} has no ${attribute}.`))
    }
    const audio = tag.attributes.get('AUDIO')
    if (audio !== undefined && !groups.has(`AUDIO ${audio}`)) {
      found.push(finding('4.4.6.2', `${at} names the audio group ${audio}, which is not there.`))
    }
  }
  if (/#EXTINF|#EXT-X-TARGETDURATION/u.test(text))
    found.push(finding('4.1', 'Media and multivariant tags in one playlist.'))
  return found
}
