import { expect, test } from 'vitest'
import { lintPlaylist } from './playlist-linter.ts'

const GOOD = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,HOLD-BACK=6,PART-HOLD-BACK=0.6
#EXT-X-PART-INF:PART-TARGET=0.2
#EXT-X-MEDIA-SEQUENCE:4
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2,
4.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-2.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.000Z
#EXT-X-PART:DURATION=0.2,URI="5.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="5.1.m4s"
#EXT-X-PART:DURATION=0.1,URI="5.2.m4s"
#EXTINF:0.5,
5.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.500Z
#EXT-X-PART:DURATION=0.2,URI="6.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.2,URI="6.1.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="6.2.m4s"
#EXT-X-RENDITION-REPORT:URI="../audio/live.m3u8",LAST-MSN=6,LAST-PART=1
`

const MASTER = `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Original",URI="v1/audio/live.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30.000,AUDIO="audio"
v1/180p/live.m3u8
`

const rules = (text: string, kind: 'live' | 'vod' | 'multivariant' = 'live', previous?: string): string[] =>
  lintPlaylist(text, previous === undefined ? { kind } : { kind, previous }).map(({ rule }) =>
    rule.replace('RFC 8216bis ', ''),
  )

/** One edit that breaks one rule: what is replaced, by what, and the clause that must be named. */
const BROKEN: readonly [string, string | RegExp, string, string][] = [
  ['no EXTM3U', '#EXTM3U\n', '', '4.4.1.1'],
  ['carriage returns', '#EXT-X-MEDIA-SEQUENCE:4', '#EXT-X-MEDIA-SEQUENCE:4\r', '4.1'],
  ['two versions', '#EXT-X-VERSION:9', '#EXT-X-VERSION:9\n#EXT-X-VERSION:9', '4.4.1.2'],
  ['a version too low for its tags', '#EXT-X-VERSION:9', '#EXT-X-VERSION:3', '8'],
  ['no target duration', '#EXT-X-TARGETDURATION:2\n', '', '4.4.3.1'],
  ['a segment longer than the target', '#EXTINF:2,', '#EXTINF:2.6,', '4.4.3.1'],
  ['a tag twice', '#EXT-X-MEDIA-SEQUENCE:4', '#EXT-X-MEDIA-SEQUENCE:4\n#EXT-X-MEDIA-SEQUENCE:4', '4.1'],
  [
    'a sequence number after a segment',
    /#EXT-X-MEDIA-SEQUENCE:4\n([\s\S]*4\.m4s\n)/u,
    '$1#EXT-X-MEDIA-SEQUENCE:4\n',
    '4.4.3.2',
  ],
  ['a segment without duration', '#EXTINF:2,\n', '', '4.4.4.1'],
  ['no map', '#EXT-X-MAP:URI="init-1.mp4"\n', '', '4.4.4.5'],
  ['a date without zone', '00:00:00.000Z', '00:00:00.000', '4.4.4.6'],
  ['a clock that jumps without discontinuity', '#EXT-X-DISCONTINUITY\n', '', '4.4.4.6'],
  ['a clock that goes back', '00:00:03.000Z', '00:00:01.000Z', '6.2.1'],
  ['parts without part target', '#EXT-X-PART-INF:PART-TARGET=0.2\n', '', '4.4.3.7'],
  ['a part longer than the target', 'DURATION=0.2,URI="6.0', 'DURATION=0.21,URI="6.0', '4.4.3.7'],
  ['a short part that is not the last', 'DURATION=0.2,URI="6.0', 'DURATION=0.16,URI="6.0', '4.4.4.9'],
  ['parts that do not add up', '#EXTINF:0.5,', '#EXTINF:0.7,', '4.4.4.9'],
  ['a hold back too small', 'PART-HOLD-BACK=0.6', 'PART-HOLD-BACK=0.3', '4.4.3.8'],
  ['a skip boundary too small', 'CAN-SKIP-UNTIL=12', 'CAN-SKIP-UNTIL=8', '4.4.3.8'],
  [
    'a delta update without number',
    '#EXT-X-INDEPENDENT',
    '#EXT-X-SKIP:RECENTLY-REMOVED=1\n#EXT-X-INDEPENDENT',
    '4.4.5.2',
  ],
  [
    'a delta update that skips too much',
    '#EXT-X-INDEPENDENT',
    '#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n#EXT-X-INDEPENDENT',
    '4.4.3.8',
  ],
  ['a hint for a part that is there', 'URI="6.2.m4s"', 'URI="6.1.m4s"', '4.4.5.3'],
  ['a report without part', ',LAST-PART=1', '', '4.4.5.4'],
  ['a report with an absolute URI', '"../audio', '"https://a.example', '4.4.5.4'],
  ['an end that promises more', '#EXT-X-RENDITION', '#EXT-X-ENDLIST\n#EXT-X-RENDITION', '4.4.3.4'],
  ['no segment', /#EXT-X-MAP[\s\S]*/u, '', '4.3'],
]

test('a good playlist has no findings', () => {
  expect(lintPlaylist(GOOD, { kind: 'live', previous: GOOD })).toEqual([])
  expect(lintPlaylist(MASTER, { kind: 'multivariant' })).toEqual([])
})

test.each(BROKEN)('%s is named by its clause', (_, what, by, clause) => {
  const broken = GOOD.replace(what, by)
  expect(broken).not.toBe(GOOD)
  expect(rules(broken)).toContain(clause)
})

test('parts of old segments are named', () => {
  const segment = (seq: number): string => `#EXT-X-PART:DURATION=2,URI="${seq}.0.m4s"\n#EXTINF:2,\n${seq}.m4s\n`
  const head =
    '#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n#EXT-X-SERVER-CONTROL:PART-HOLD-BACK=6\n#EXT-X-PART-INF:PART-TARGET=2\n'
  const text = `${head}#EXT-X-MAP:URI="i.mp4"\n${[0, 1, 2, 3].map(segment).join('')}`
  expect(rules(text)).toEqual(['6.2.2'])
})

test('what may not change between two readings is named', () => {
  const later = (what: string, by: string): string[] => rules(GOOD.replace(what, by), 'live', GOOD)
  expect(later('#EXT-X-MEDIA-SEQUENCE:4', '#EXT-X-MEDIA-SEQUENCE:3')).toContain('6.2.2')
  expect(later('#EXT-X-TARGETDURATION:2', '#EXT-X-TARGETDURATION:3')).toContain('6.2.1')
  expect(later('\n4.m4s', '\nx.m4s')).toContain('6.2.1')
  expect(later('#EXT-X-DISCONTINUITY-SEQUENCE:1', '#EXT-X-DISCONTINUITY-SEQUENCE:2')).toContain('6.2.2')
  const ended = `${GOOD.replace(/#EXT-X-PRELOAD-HINT.*\n/u, '')}#EXT-X-ENDLIST\n`
  expect(rules(ended.replace('#EXTINF:0.5', '#EXTINF:0.50'), 'live', ended)).toContain('6.2.1')
})

test('a finished playlist must say so', () => {
  expect(rules(GOOD, 'vod')).toContain('4.4.3.4')
  expect(rules(GOOD.replace('#EXT-X-INDEPENDENT', '#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT'))).toContain('4.4.3.5')
})

test.each([
  ['a variant without bandwidth', 'BANDWIDTH=1000,', '', '4.4.6.2'],
  ['a variant without codecs', /CODECS="[^"]+",/u, '', '4.4.6.2'],
  ['a variant without URI', 'v1/180p/live.m3u8\n', '', '4.4.6.2'],
  ['an audio group that is not there', 'AUDIO="audio"', 'AUDIO="sound"', '4.4.6.2'],
  ['a rendition without name', 'NAME="Original",', '', '4.4.6.1'],
  ['no variant', /#EXT-X-STREAM-INF[\s\S]*/u, '', '4.3'],
  ['media tags', '#EXT-X-INDEPENDENT', '#EXT-X-TARGETDURATION:2\n#EXT-X-INDEPENDENT', '4.1'],
])('%s is named in a multivariant playlist', (_, what, by, clause) => {
  expect(rules(MASTER.replace(what, by), 'multivariant')).toContain(clause)
})

test('two renditions of one name in a group are named', () => {
  const [, media = ''] = /(#EXT-X-MEDIA.*\n)/u.exec(MASTER) ?? []
  expect(rules(MASTER.replace(media, media + media), 'multivariant')).toContain('4.4.6.1.1')
})
