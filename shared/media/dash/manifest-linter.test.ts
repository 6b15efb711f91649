import { expect, test } from 'vitest'
import { lintManifest } from './manifest-linter.ts'
import { renderMediaPresentation } from './media-presentation.ts'
import type { DashPeriod } from './presentation.ts'

const TRACK = {
  bandwidth: 1_000_000,
  timescale: 90_000,
  width: 320,
  height: 180,
  frameRate: 30_000 / 1001,
  sampleRate: 48_000,
  channels: 2,
  media: 'v1/$RepresentationID$/$Number$.m4s',
  initialization: 'v1/$RepresentationID$/init-1.mp4',
}
const period = (id: string, startS: number, durationS: number | undefined): DashPeriod => ({
  id,
  startS,
  durationS,
  mediaStartS: 0,
  startNumber: 0,
  segmentS: 2,
  tracks: [
    { ...TRACK, kind: 'video', id: '180p', codec: 'avc1.64000d' },
    { ...TRACK, kind: 'audio', id: 'audio', codec: 'mp4a.40.2' },
  ],
})
const LIVE = renderMediaPresentation({
  type: 'dynamic',
  availabilityStartMs: 0,
  publishedMs: 5_000,
  minimumUpdateS: 2,
  timeShiftS: 60,
  suggestedDelayS: 1.5,
  partS: 0.2,
  clockUrl: 'clock',
  durationS: undefined,
  periods: [period('1', 0, 10), period('2', 12, undefined)],
  targetLatencyMs: 1_500,
})
const STORED = renderMediaPresentation({ type: 'static', durationS: 10, periods: [period('1', 0, 10)] })

test('manifests of running and finished shows have no findings', () => {
  expect(lintManifest(LIVE)).toEqual([])
  expect(lintManifest(STORED)).toEqual([])
})

test('rates of NTSC are written as the fractions they are', () => {
  expect(LIVE).toContain('frameRate="30000/1001"')
})

test('the size of a manifest does not grow with the show', () => {
  const at = (hours: number): number =>
    renderMediaPresentation({ type: 'static', durationS: hours * 3600, periods: [period('1', 0, hours * 3600)] }).length
  expect(at(12) - at(1)).toBeLessThan(10)
})

test.each([
  ['no MPD', LIVE, /<MPD[\s\S]*/u, '', 'ISO 23009-1 5.3.1'],
  ['no profile', LIVE, / profiles="[^"]+"/u, '', 'ISO 23009-1 5.3.1.2'],
  ['no availability start', LIVE, / availabilityStartTime="[^"]+"/u, '', 'ISO 23009-1 5.3.1.2'],
  ['no update period', LIVE, / minimumUpdatePeriod="[^"]+"/u, '', 'DASH-IF IOP 4.4.3'],
  ['no clock', LIVE, /<UTCTiming[^>]*>/u, '', 'DASH-IF IOP 4.7.2'],
  ['no period', LIVE, /<Period[\s\S]*<\/Period>/u, '', 'ISO 23009-1 5.3.2'],
  ['periods of one id', LIVE, 'Period id="2"', 'Period id="1"', 'DASH-IF IOP 4.4.3.2'],
  ['periods that overlap', LIVE, 'start="PT12S"', 'start="PT9S"', 'ISO 23009-1 5.3.2.1'],
  ['no template', LIVE, /<SegmentTemplate[^>]*>/u, '', 'DASH-IF IOP 3.2.4'],
  ['a template without number', LIVE, '$Number$', 'one', 'ISO 23009-1 5.3.9.4'],
  ['no initialization', LIVE, / initialization="[^"]+"/u, '', 'ISO 23009-1 5.3.9.4'],
  ['no segment length', LIVE, ' duration="180000"', '', 'ISO 23009-1 5.3.9.2'],
  [
    'an offset of a whole segment',
    LIVE,
    'availabilityTimeOffset="1.8"',
    'availabilityTimeOffset="2"',
    'DASH-IF IOP 9.X.4',
  ],
  ['growing segments not announced', LIVE, ' availabilityTimeComplete="false"', '', 'DASH-IF IOP 9.X.4'],
  ['segments that are not aligned', LIVE, ' segmentAlignment="true"', '', 'DASH-IF IOP 3.2.4'],
  ['a picture without size', LIVE, ' width="320"', '', 'DASH-IF IOP 3.2.4'],
  ['no representation', LIVE, /<Representation id="180p"[^>]*>/u, '', 'ISO 23009-1 5.3.5'],
  ['a finished show without length', STORED, / mediaPresentationDuration="[^"]+"/u, '', 'ISO 23009-1 5.3.1.2'],
  [
    'a finished show that becomes available',
    STORED,
    ' type="static"',
    ' type="static" availabilityStartTime="1970-01-01T00:00:00Z"',
    'DASH-IF IOP 3.2.3',
  ],
])('%s is named by its rule', (_, text, what, by, rule) => {
  const broken = text.replace(what, by)
  expect(broken).not.toBe(text)
  expect(lintManifest(broken).map(finding => finding.rule)).toContain(rule)
})
