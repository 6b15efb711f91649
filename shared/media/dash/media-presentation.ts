import { decimal } from '../hls/attribute-list.ts'
import type { DashPeriod, DashPresentation, DashTrack } from './presentation.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escape = (text: string): string => text.replaceAll(/[&<>"]/gu, character => ESCAPES[character] ?? '')
const duration = (seconds: number): string => `PT${decimal(Math.max(0, seconds))}S`

type Attributes = Readonly<Record<string, string | number | undefined>>

function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(String(value))}"`)
    .join('')
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`
}

/** Frames a second as the MPD writes it: whole, or a fraction over 1001 for the rates of NTSC. */
function frameRate(fps: number): string {
  const whole = Math.round(fps)
  if (Math.abs(fps - whole) < 0.001) return String(whole)
  return Math.abs((fps * 1001) / 1000 - whole) < 0.001 ? `${whole * 1000}/1001` : `${Math.round(fps * 1000)}/1000`
}

/** SegmentTemplate with `$Number$` (ISO/IEC 23009-1 5.3.9.4): its size does not grow with the show. */
function segmentTemplate(period: DashPeriod, track: DashTrack, partS: number | undefined): string {
  return element('SegmentTemplate', {
    timescale: track.timescale,
    duration: Math.round(period.segmentS * track.timescale),
    presentationTimeOffset: Math.round(period.mediaStartS * track.timescale),
    startNumber: period.startNumber,
    availabilityTimeOffset: partS === undefined ? undefined : decimal(period.segmentS - partS),
    availabilityTimeComplete: partS === undefined ? undefined : 'false',
    media: track.media,
    initialization: track.initialization,
  })
}

function representation(track: DashTrack): string {
  const common = { id: track.id, codecs: track.codec, bandwidth: Math.round(track.bandwidth) }
  if (track.kind === 'video') {
    return element('Representation', {
      ...common,
      width: track.width,
      height: track.height,
      frameRate: frameRate(track.frameRate),
      sar: '1:1',
    })
  }
  return element('Representation', { ...common, audioSamplingRate: track.sampleRate }, [
    element('AudioChannelConfiguration', {
      schemeIdUri: 'urn:mpeg:dash:23003:3:audio_channel_configuration:2011',
      value: track.channels,
    }),
  ])
}

function adaptationSet(period: DashPeriod, kind: DashTrack['kind'], partS: number | undefined): string[] {
  const tracks = period.tracks.filter(track => track.kind === kind)
  const [first] = tracks
  if (first === undefined) return []
  const children = [
    ...(kind === 'video'
      ? [element('InbandEventStream', { schemeIdUri: 'https://aomedia.org/emsg/ID3', value: '' })]
      : []),
    element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value: 'main' }),
    segmentTemplate(period, first, partS),
    ...tracks.map(representation),
  ]
  return [
    element(
      'AdaptationSet',
      {
        id: kind === 'video' ? 1 : 2,
        contentType: kind,
        mimeType: `${kind}/mp4`,
        segmentAlignment: 'true',
        startWithSAP: 1,
      },
      children,
    ),
  ]
}

function periodElement(period: DashPeriod, partS: number | undefined): string {
  return element(
    'Period',
    {
      id: period.id,
      start: duration(period.startS),
      duration: period.durationS === undefined ? undefined : duration(period.durationS),
    },
    [...adaptationSet(period, 'video', partS), ...adaptationSet(period, 'audio', partS)],
  )
}

const PROFILES = 'urn:mpeg:dash:profile:isoff-live:2011,http://www.dashif.org/guidelines/dash-if-simple'

/**
 * Writes an MPD (ISO/IEC 23009-1; DASH-IF interoperability points): one Period for each run of the encoder, `$Number$`
 * templates, and for a running show what low latency needs (availabilityTimeOffset, ServiceDescription, UTCTiming).
 */
export function renderMediaPresentation(presentation: DashPresentation): string {
  const common = { xmlns: 'urn:mpeg:dash:schema:mpd:2011', profiles: PROFILES, minBufferTime: 'PT2S' }
  if (presentation.type === 'static') {
    const attributes = { ...common, type: 'static', mediaPresentationDuration: duration(presentation.durationS) }
    return document(
      element(
        'MPD',
        attributes,
        presentation.periods.map(period => periodElement(period, undefined)),
      ),
    )
  }
  const { minimumUpdateS, partS } = presentation
  const attributes = {
    ...common,
    type: 'dynamic',
    availabilityStartTime: new Date(presentation.availabilityStartMs).toISOString(),
    publishTime: new Date(presentation.publishedMs).toISOString(),
    minimumUpdatePeriod: minimumUpdateS === undefined ? undefined : duration(minimumUpdateS),
    mediaPresentationDuration: presentation.durationS === undefined ? undefined : duration(presentation.durationS),
    timeShiftBufferDepth: duration(presentation.timeShiftS),
    suggestedPresentationDelay: duration(presentation.suggestedDelayS),
  }
  return document(
    element('MPD', attributes, [
      element('ServiceDescription', { id: 0 }, [
        element('Latency', { target: presentation.targetLatencyMs, referenceId: 0 }),
        element('PlaybackRate', { min: 0.9, max: 1.2 }),
      ]),
      ...presentation.periods.map(period => periodElement(period, partS)),
      element('UTCTiming', { schemeIdUri: 'urn:mpeg:dash:utc:http-iso:2014', value: presentation.clockUrl }),
    ]),
  )
}

function document(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}
