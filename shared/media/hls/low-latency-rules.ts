import { finding, type PlaylistFinding } from './playlist-finding.ts'
import { findTag, numberOf, type PlaylistTag, type PlaylistText } from './playlist-text.ts'

/** Every part but a segment's last is at least this share of the part target (RFC 8216bis 4.4.4.9). */
const PART_SHARE_MIN = 0.85
const ROUNDING_S = 0.000_01
/** Parts may be listed this many target durations back from the end of the playlist. */
const PART_TARGETS_MAX = 3

/** The rules of EXT-X-PART and all that goes with it. */
export function lintLowLatency(playlist: PlaylistText): PlaylistFinding[] {
  const partInf = findTag(playlist.tags, 'EXT-X-PART-INF')
  const hasParts = allParts(playlist).length > 0
  if (partInf === undefined) {
    return hasParts ? [finding('4.4.3.7', 'There are parts without EXT-X-PART-INF.')] : lintControl(playlist, undefined)
  }
  const targetS = numberOf(partInf, 'PART-TARGET')
  if (!(targetS > 0)) return [finding('4.4.3.7', 'PART-TARGET is required.')]
  return [
    ...lintControl(playlist, targetS),
    ...lintParts(playlist, targetS),
    ...lintHint(playlist),
    ...lintReports(playlist),
  ]
}

const partsOf = (tags: readonly PlaylistTag[]): PlaylistTag[] => tags.filter(({ name }) => name === 'EXT-X-PART')

function allParts(playlist: PlaylistText): PlaylistTag[] {
  return [...playlist.segments.flatMap(({ tags }) => partsOf(tags)), ...partsOf(playlist.open)]
}

function lintControl(playlist: PlaylistText, partTargetS: number | undefined): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  const control = findTag(playlist.tags, 'EXT-X-SERVER-CONTROL')
  const targetS = Number(findTag(playlist.tags, 'EXT-X-TARGETDURATION')?.value)
  if (partTargetS !== undefined) {
    const holdBackS = numberOf(control, 'PART-HOLD-BACK')
    if (!(holdBackS >= 2 * partTargetS - ROUNDING_S)) {
      found.push(finding('4.4.3.8', `PART-HOLD-BACK is ${holdBackS}, less than twice the part target.`))
    }
  }
  if (numberOf(control, 'HOLD-BACK') < 3 * targetS) found.push(finding('4.4.3.8', 'HOLD-BACK is under three targets.'))
  if (numberOf(control, 'CAN-SKIP-UNTIL') < 6 * targetS) {
    found.push(finding('4.4.3.8', 'CAN-SKIP-UNTIL is under six target durations.'))
  }
  const skip = findTag(playlist.tags, 'EXT-X-SKIP')
  if (skip !== undefined) {
    if (!(numberOf(skip, 'SKIPPED-SEGMENTS') > 0)) found.push(finding('4.4.5.2', 'SKIPPED-SEGMENTS is required.'))
    if (control?.attributes.has('CAN-SKIP-UNTIL') !== true)
      found.push(finding('4.4.5.2', 'EXT-X-SKIP without CAN-SKIP-UNTIL.'))
    const listedS = playlist.segments.reduce(
      (sum, { tags }) => sum + Number.parseFloat(findTag(tags, 'EXTINF')?.value ?? '0'),
      0,
    )
    if (listedS < numberOf(control, 'CAN-SKIP-UNTIL'))
      found.push(finding('4.4.3.8', 'More is skipped than CAN-SKIP-UNTIL allows.'))
  }
  return found
}

function lintParts(playlist: PlaylistText, targetS: number): PlaylistFinding[] {
  const found: PlaylistFinding[] = []
  for (const part of allParts(playlist)) {
    const durationS = numberOf(part, 'DURATION')
    if (!part.attributes.has('URI') || Number.isNaN(durationS))
      found.push(finding('4.4.4.9', 'EXT-X-PART needs DURATION and URI.'))
    if (durationS > targetS + ROUNDING_S) {
      found.push(
        finding('4.4.3.7', `${part.attributes.get('URI')} lasts ${durationS} s, the part target is ${targetS} s.`),
      )
    }
  }
  for (const segment of playlist.segments) {
    const parts = partsOf(segment.tags)
    found.push(...lintShortParts(parts.slice(0, -1), targetS))
    const sumS = parts.reduce((sum, part) => sum + numberOf(part, 'DURATION'), 0)
    const durationS = Number.parseFloat(findTag(segment.tags, 'EXTINF')?.value ?? '')
    if (parts.length > 0 && Math.abs(sumS - durationS) > ROUNDING_S * parts.length + 0.001) {
      found.push(finding('4.4.4.9', `The parts of ${segment.uri} last ${sumS} s, the segment ${durationS} s.`))
    }
  }
  found.push(...lintShortParts(partsOf(playlist.open).slice(0, -1), targetS), ...lintOldParts(playlist))
  return found
}

function lintShortParts(parts: readonly PlaylistTag[], targetS: number): PlaylistFinding[] {
  return parts
    .filter(part => numberOf(part, 'DURATION') < PART_SHARE_MIN * targetS - ROUNDING_S)
    .map(part => finding('4.4.4.9', `${part.attributes.get('URI')} is shorter than 85 % of the part target.`))
}

/** Parts further back than three target durations should be gone (RFC 8216bis 6.2.2), counted in whole segments. */
function lintOldParts(playlist: PlaylistText): PlaylistFinding[] {
  const targetS = Number(findTag(playlist.tags, 'EXT-X-TARGETDURATION')?.value)
  let afterS = 0
  for (const segment of playlist.segments.toReversed()) {
    if (partsOf(segment.tags).length > 0 && afterS >= PART_TARGETS_MAX * targetS) {
      return [finding('6.2.2', `${segment.uri} still lists parts ${afterS} s before the end.`)]
    }
    afterS += Number.parseFloat(findTag(segment.tags, 'EXTINF')?.value ?? '0')
  }
  return []
}

function lintHint(playlist: PlaylistText): PlaylistFinding[] {
  const hints = playlist.tags.filter(({ name }) => name === 'EXT-X-PRELOAD-HINT')
  const found: PlaylistFinding[] = []
  const known = new Set(allParts(playlist).map(part => part.attributes.get('URI')))
  for (const hint of hints) {
    const uri = hint.attributes.get('URI')
    if (uri === undefined || hint.attributes.get('TYPE') === undefined)
      found.push(finding('4.4.5.3', 'EXT-X-PRELOAD-HINT needs TYPE and URI.'))
    if (known.has(uri)) found.push(finding('4.4.5.3', `The hint names ${uri}, which is listed already.`))
  }
  if (hints.filter(hint => hint.attributes.get('TYPE') === 'PART').length > 1)
    found.push(finding('4.4.5.3', 'Two hints of one type.'))
  if (hints.length > 0 && findTag(playlist.tags, 'EXT-X-ENDLIST') !== undefined) {
    found.push(finding('4.4.3.4', 'An ended playlist promises more parts.'))
  }
  return found
}

function lintReports(playlist: PlaylistText): PlaylistFinding[] {
  const reports = playlist.tags.filter(({ name }) => name === 'EXT-X-RENDITION-REPORT')
  const lacking = (attribute: string): PlaylistFinding[] =>
    reports
      .filter(report => !report.attributes.has(attribute))
      .map(() => finding('4.4.5.4', `EXT-X-RENDITION-REPORT without ${attribute}.`))
  const absolute = reports.filter(report => /^[a-z]+:/iu.test(report.attributes.get('URI') ?? ''))
  return [
    ...lacking('URI'),
    ...lacking('LAST-MSN'),
    ...lacking('LAST-PART'),
    ...absolute.map(() => finding('4.4.5.4', 'The URI of a rendition report must be relative.')),
  ]
}
