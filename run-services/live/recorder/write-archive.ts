import { renderMediaPresentation } from '#shared/media/dash/media-presentation.ts'
import type { DashPeriod } from '#shared/media/dash/presentation.ts'
import { renderMediaPlaylist } from '#shared/media/hls/media-playlist.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { listSegment } from '../packager/list-segment.ts'
import type { Rendition } from '../packager/playlist-cursor.ts'
import { trackFor } from '../packager/rendition-choice.ts'
import type { EpochFacts } from '../packager/show-facts.ts'
import { ARCHIVE_PLAYLIST, MANIFEST_PATH, MASTER_PATH, recordingPrefix } from '../packager/show-paths.ts'
import { dashPeriod } from '../packager/show-periods.ts'
import { ShowSegment } from '../packager/show-segment.ts'
import { multivariantText } from '../packager/show-variants.ts'
import { journaledSegments, type ShowJournal } from './show-journal.ts'

const HLS_TYPE = 'application/vnd.apple.mpegurl'
const DASH_TYPE = 'application/dash+xml'
/** A finished show does not change. */
const ENTRY_CACHE = 'public, max-age=86400'

type Archive = { segments: ShowSegment[]; peaks: Map<string, number>; epochs: EpochFacts[] }

/**
 * Makes a recording playable without its plane: a playlist for each rendition, then the manifest, then the multivariant
 * playlist, so that whoever finds an entry point finds all of it. Safe to repeat.
 */
export async function writeArchive(options: {
  objects: ObjectStore
  journal: ShowJournal
  streamId: string
  home: string
}): Promise<void> {
  const { objects, streamId, home } = options
  const archive = await readArchive(options.journal)
  const main = mainEpoch(archive.epochs)
  if (main === undefined || archive.segments.length === 0) return
  const put = async (path: string, text: string, contentType: string): Promise<void> => {
    const body = new TextEncoder().encode(text)
    await objects.put(recordingPrefix(streamId) + path, body, { contentType, cacheControl: ENTRY_CACHE })
  }
  for (const rendition of renditionsOf(archive.epochs)) {
    const path = `${home}/${rendition.name}/${ARCHIVE_PLAYLIST}`
    await put(path, archivePlaylist(archive.segments, rendition, path), HLS_TYPE)
  }
  const peak = (track: string): number => archive.peaks.get(track) ?? 0
  await put(MANIFEST_PATH, archiveManifest(archive.segments, peak), DASH_TYPE)
  const uriOf = (track: string): string => `${home}/${track}/${ARCHIVE_PLAYLIST}`
  await put(MASTER_PATH, multivariantText(main, uriOf, peak), HLS_TYPE)
}

async function readArchive(journal: ShowJournal): Promise<Archive> {
  const byNumber = new Map((await journal.readEpochs()).map(epoch => [epoch.epoch, epoch]))
  const segments: ShowSegment[] = []
  const peaks = new Map<string, number>()
  for await (const facts of journaledSegments(journal)) {
    const epoch = byNumber.get(facts.epoch)
    if (epoch === undefined) continue
    // What could not be stored leaves a hole in the timeline.
    const hole = segments.length > 0 && segments.at(-1)?.seq !== facts.seq - 1
    segments.push(ShowSegment.stored({ ...facts, discontinuity: facts.discontinuity || hole }, epoch))
    for (const { name, bytes, duration_s: seconds } of facts.tracks) {
      if (seconds >= epoch.gop_s / 2) peaks.set(name, Math.max(peaks.get(name) ?? 0, (bytes * 8) / seconds))
    }
  }
  const used = new Set(segments.map(({ epoch }) => epoch))
  return { segments, peaks, epochs: [...byNumber.values()].filter(epoch => used.has(epoch)) }
}

/** The encoder run with the most qualities, the newest of them. */
function mainEpoch(epochs: readonly EpochFacts[]): EpochFacts | undefined {
  return epochs.reduce<EpochFacts | undefined>(
    (best, epoch) => (best === undefined || epoch.tracks.length >= best.tracks.length ? epoch : best),
    undefined,
  )
}

function renditionsOf(epochs: readonly EpochFacts[]): Rendition[] {
  const all = epochs.flatMap(({ tracks }) => tracks.map(({ name, kind, height }) => ({ name, kind, height })))
  return [...new Map(all.map(rendition => [rendition.name, rendition])).values()]
}

function archivePlaylist(segments: readonly ShowSegment[], rendition: Rendition, from: string): string {
  const listed = segments.map(segment => listSegment(segment, trackFor(segment.epoch, rendition), from))
  return renderMediaPlaylist({
    kind: 'vod',
    targetDurationS: Math.max(...listed.map(({ durationS }) => Math.round(durationS)), 1),
    partTargetS: undefined,
    mediaSequence: segments[0]?.seq ?? 0,
    discontinuitySequence: 0,
    segments: listed,
    partsOf: new Map(),
    open: undefined,
    preloadHint: undefined,
    reports: [],
    ended: true,
  })
}

/** Runs of segments without a hole, laid end to end: a recording has no waiting for the publisher in it. */
function archiveManifest(segments: readonly ShowSegment[], measuredPeak: (track: string) => number): string {
  const periods: DashPeriod[] = []
  let startS = 0
  for (const run of runsOf(segments)) {
    const [first] = run
    const last = run.at(-1)
    if (first === undefined || last === undefined) continue
    const from = first.seq === first.epoch.first_seq ? {} : { from: { seq: first.seq, startS: first.startS } }
    const period = dashPeriod(first.epoch, { endS: last.startS + last.durationS, measuredPeak, ...from })
    periods.push({ ...period, startS })
    startS += period.durationS ?? 0
  }
  return renderMediaPresentation({ type: 'static', durationS: startS, periods })
}

function runsOf(segments: readonly ShowSegment[]): ShowSegment[][] {
  const runs: ShowSegment[][] = []
  for (const segment of segments) {
    if (segment.discontinuity || runs.length === 0) runs.push([segment])
    else runs.at(-1)?.push(segment)
  }
  return runs
}
