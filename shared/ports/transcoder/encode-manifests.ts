import { renderMediaPresentation } from '#shared/media/dash/media-presentation.ts'
import { renderMediaPlaylist } from '#shared/media/hls/media-playlist.ts'
import { renderMultivariantPlaylist } from '#shared/media/hls/multivariant-playlist.ts'
import type { TrackHeader } from '#shared/media/isobmff/track-header.ts'

/** One track whose segments are all stored. */
export type EncodedTrack = {
  /** Its folder beside the manifests. */
  name: string
  header: TrackHeader
  segments: readonly { bytes: number; durationS: number }[]
}

/** All tracks of an encode; every one has the same number of segments. */
export type EncodedTracks = {
  pictures: readonly EncodedTrack[]
  sound: EncodedTrack | undefined
  segmentS: number
  fps: number
}

export const INIT_NAME = 'init.mp4'
const PLAYLIST_NAME = 'index.m3u8'
export const HLS_NAME = 'master.m3u8'
export const DASH_NAME = 'master.mpd'

export function segmentName(index: number): string {
  return `${index}.m4s`
}

/** Length of a track, in s. */
export function trackDurationS({ segments }: EncodedTrack): number {
  return segments.reduce((sum, { durationS }) => sum + durationS, 0)
}

/** The texts that name what is stored, what others name first: a playlist per track, then the two that players open. */
export function encodeManifests(tracks: EncodedTracks): { name: string; contentType: string; text: string }[] {
  const all = [...tracks.pictures, ...(tracks.sound === undefined ? [] : [tracks.sound])]
  const targetS = Math.max(1, ...all.flatMap(({ segments }) => segments.map(({ durationS }) => Math.ceil(durationS))))
  return [
    ...all.map(track => ({
      name: `${track.name}/${PLAYLIST_NAME}`,
      contentType: 'application/vnd.apple.mpegurl',
      text: playlistText(track, targetS),
    })),
    { name: HLS_NAME, contentType: 'application/vnd.apple.mpegurl', text: multivariantText(tracks) },
    { name: DASH_NAME, contentType: 'application/dash+xml', text: presentationText(tracks, all) },
  ]
}

function playlistText({ segments }: EncodedTrack, targetDurationS: number): string {
  return renderMediaPlaylist({
    kind: 'vod',
    targetDurationS,
    partTargetS: undefined,
    mediaSequence: 0,
    discontinuitySequence: 0,
    segments: segments.map(({ durationS }, index) => ({
      uri: segmentName(index),
      durationS,
      pdtMs: undefined,
      mapUri: INIT_NAME,
      discontinuity: false,
      gap: false,
    })),
    partsOf: new Map(),
    open: undefined,
    preloadHint: undefined,
    reports: [],
    ended: true,
  })
}

type Rate = { peak: number; average: number }

/** Bits a second: of the costliest segment, and over all. */
function rateOf(track: EncodedTrack): Rate {
  const bytes = track.segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const average = (8 * bytes) / trackDurationS(track)
  // A single picture that is left at the end says nothing of a rate (RFC 8216bis 4.4.6.2: half a target duration at least).
  const halfS = Math.max(0, ...track.segments.map(({ durationS }) => durationS)) / 2
  const long = track.segments.filter(({ durationS }) => durationS >= halfS)
  return { average, peak: Math.max(average, ...long.map(({ bytes: some, durationS }) => (8 * some) / durationS)) }
}

function multivariantText({ pictures, sound, fps }: EncodedTracks): string {
  const soundRate = sound === undefined ? { peak: 0, average: 0 } : rateOf(sound)
  const variants = pictures.map(track => {
    const { peak, average } = rateOf(track)
    const { codec, width, height } = track.header
    return {
      uri: `${track.name}/${PLAYLIST_NAME}`,
      bandwidth: peak + soundRate.peak,
      averageBandwidth: average + soundRate.average,
      codecs: sound === undefined ? [codec] : [codec, sound.header.codec],
      width,
      height,
      frameRate: fps,
    }
  })
  return renderMultivariantPlaylist(
    variants.toSorted((a, b) => b.bandwidth - a.bandwidth),
    sound === undefined ? undefined : { uri: `${sound.name}/${PLAYLIST_NAME}`, channels: sound.header.channels },
  )
}

function presentationText({ pictures, segmentS, fps }: EncodedTracks, all: readonly EncodedTrack[]): string {
  const durationS = Math.max(0, ...pictures.map(trackDurationS))
  const tracks = all.map(track => {
    const { kind, codec, timescale, width, height, sampleRate, channels } = track.header
    return {
      kind,
      id: track.name,
      codec,
      bandwidth: rateOf(track).peak,
      timescale,
      width,
      height,
      frameRate: fps,
      sampleRate,
      channels,
      media: '$RepresentationID$/$Number$.m4s',
      initialization: `$RepresentationID$/${INIT_NAME}`,
    }
  })
  const period = { id: '0', startS: 0, durationS, mediaStartS: 0, startNumber: 0, segmentS, tracks }
  return renderMediaPresentation({ type: 'static', durationS, periods: [period] })
}
