import { expect, test } from 'vitest'
import { lintManifest } from '#shared/media/dash/manifest-linter.ts'
import { lintPlaylist } from '#shared/media/hls/playlist-linter.ts'
import { findTag, readPlaylistText } from '#shared/media/hls/playlist-text.ts'
import { encodedLadder, smallPlan } from '#test/helpers/encoded-ladder.ts'
import { openUnrecordedShow } from '#test/helpers/memory-show.ts'

const BEGAN_MS = Date.UTC(2026, 0, 1)
const KINDS = ['live', 'dvr'] as const
const HOME = 'v1'

function text(show: ReturnType<typeof openUnrecordedShow>['show'], name: string, kind: 'live' | 'dvr', skip = false) {
  return show.playlist(HOME, name, kind, skip)?.body.toString() ?? ''
}

for (const fps of [24, 25, 30, 60, 30_000 / 1001]) {
  test(`every playlist and manifest of a show at ${fps.toFixed(2)} fps keeps the rules, part by part`, async () => {
    const plan = smallPlan(fps)
    const { show } = openUnrecordedShow()
    const sink = show.openEpoch(1, plan, () => BEGAN_MS)
    const previous = new Map<string, string>()
    const findings: unknown[] = []
    for (const { track, bytes } of await encodedLadder(plan, 5)) {
      sink.write(track, bytes)
      const { name = '' } = plan.tracks[track] ?? {}
      for (const kind of KINDS) {
        const now = text(show, name, kind)
        const before = previous.get(`${name} ${kind}`)
        if (now === '' || !now.includes('#EXTINF')) continue
        findings.push(...lintPlaylist(now, { kind: 'live', ...(before === undefined ? {} : { previous: before }) }))
        previous.set(`${name} ${kind}`, now)
      }
    }
    await sink.end()
    const manifest = show.entry('manifest.mpd')?.body.toString() ?? ''
    const master = show.entry('master.m3u8')?.body.toString() ?? ''
    expect(previous.size).toBe(plan.tracks.length * KINDS.length)
    expect(findings).toEqual([])
    expect(lintPlaylist(master, { kind: 'multivariant' })).toEqual([])
    expect(lintManifest(manifest)).toEqual([])
    expect(show.totals().segmentsProduced).toBe(3)
  })
}

test('all renditions are cut at the same instants and sound within half a part of the picture', async () => {
  const plan = smallPlan(30)
  const { show } = openUnrecordedShow()
  const sink = show.openEpoch(1, plan, () => BEGAN_MS)
  for (const { track, bytes } of await encodedLadder(plan, 7)) sink.write(track, bytes)
  await sink.end()
  const clocks = plan.tracks.map(({ name }) =>
    readPlaylistText(text(show, name, 'live')).segments.map(({ tags }) =>
      Date.parse(findTag(tags, 'EXT-X-PROGRAM-DATE-TIME')?.value ?? ''),
    ),
  )
  const [best = [], other = [], sound = []] = clocks
  expect(best).toEqual([0, 2000, 4000, 6000].map(ms => BEGAN_MS + ms))
  expect(other).toEqual(best)
  for (const [index, ms] of sound.entries()) expect(Math.abs(ms - (best[index] ?? 0))).toBeLessThanOrEqual(100)
})

test('the hint names the first part of the next segment as soon as one is full', async () => {
  const plan = smallPlan(24, { sound: false })
  const { show } = openUnrecordedShow()
  const sink = show.openEpoch(1, plan, () => BEGAN_MS)
  const hints = new Set<string>()
  const asked = new Set<string>()
  for (const { track, bytes } of await encodedLadder(plan, 5)) {
    sink.write(track, bytes)
    const lines = text(show, '180p', 'live').split('\n')
    for (const line of lines) {
      const [, hint] = /PRELOAD-HINT.*URI="([^"]+)"/u.exec(line) ?? []
      const [, part] = /EXT-X-PART:.*URI="([^"]+)"/u.exec(line) ?? []
      if (hint !== undefined) hints.add(hint)
      if (part !== undefined) asked.add(part)
    }
  }
  // Nine parts of five frames and one of three: a tenth full part never comes.
  expect([...hints].filter(hint => !asked.has(hint)).length).toBeLessThanOrEqual(1)
  expect(hints).toContain('1.0.m4s')
  expect(hints).not.toContain('0.10.m4s')
  await sink.end()
})

test('another encoder goes on in the same playlists after a discontinuity, never back in time', async () => {
  const plan = smallPlan(30)
  const pieces = await encodedLadder(plan, 3)
  const { show, events } = openUnrecordedShow()
  for (const epoch of [1, 2, 3]) {
    // The clock of this machine stands still; the show must not.
    const sink = show.openEpoch(epoch, plan, () => BEGAN_MS)
    for (const { track, bytes } of pieces) sink.write(track, bytes)
    await sink.end()
  }
  const now = text(show, 'audio', 'live')
  expect(lintPlaylist(now, { kind: 'live' })).toEqual([])
  expect(now.match(/#EXT-X-DISCONTINUITY$/gmu)).toHaveLength(2)
  expect(now.match(/#EXT-X-MAP:URI="[^"]+"/gu)).toEqual([
    '#EXT-X-MAP:URI="init-1.mp4"',
    '#EXT-X-MAP:URI="../../v2/audio/init-2.mp4"',
    '#EXT-X-MAP:URI="../../v3/audio/init-3.mp4"',
  ])
  expect(lintManifest(show.entry('manifest.mpd')?.body.toString() ?? '')).toEqual([])
  expect(events.playable).toEqual([1, 2, 3])
})

test('a publisher that returns with fewer qualities leaves no playlist behind', async () => {
  const plan = smallPlan(30)
  const fewer = { ...plan, tracks: plan.tracks.filter(({ name }) => name === '90p') }
  const { show } = openUnrecordedShow()
  for (const [epoch, used] of [plan, fewer].entries()) {
    const sink = show.openEpoch(epoch + 1, used, () => BEGAN_MS)
    for (const { track, bytes } of await encodedLadder(used, 2)) sink.write(track, bytes)
    await sink.end()
  }
  const best = text(show, '180p', 'live')
  expect(best).toMatch(/^\.\.\/\.\.\/v2\/90p\/\d\.m4s$/mu)
  expect(lintPlaylist(best, { kind: 'live' })).toEqual([])
  const sound = text(show, 'audio', 'live')
  expect(sound).toContain('#EXT-X-GAP')
  expect(lintPlaylist(sound, { kind: 'live' })).toEqual([])
})

test('a delta update plus what was known is the whole playlist', async () => {
  const plan = smallPlan(30, { sound: false })
  const { show } = openUnrecordedShow()
  const sink = show.openEpoch(1, plan, () => BEGAN_MS)
  for (const { track, bytes } of await encodedLadder(plan, 24)) sink.write(track, bytes)
  const whole = readPlaylistText(text(show, '180p', 'dvr'))
  const delta = text(show, '180p', 'dvr', true)
  const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/u.exec(delta)?.[1])
  expect(lintPlaylist(delta, { kind: 'live' })).toEqual([])
  expect(skipped).toBeGreaterThan(0)
  expect(readPlaylistText(delta).segments.map(({ uri }) => uri)).toEqual(
    whole.segments.slice(skipped).map(({ uri }) => uri),
  )
  await sink.end()
})

test('a cue reaches every picture rendition once, at the edge it was told', async () => {
  const plan = smallPlan(30)
  const pieces = await encodedLadder(plan, 4)
  const { show } = openUnrecordedShow()
  const sink = show.openEpoch(1, plan, () => BEGAN_MS)
  const half = Math.floor(pieces.length / 2)
  for (const { track, bytes } of pieces.slice(0, half)) sink.write(track, bytes)
  const edgeMs = show.edgeMs()
  expect(show.placeCue('{"goal":1}')).toBe(edgeMs)
  for (const { track, bytes } of pieces.slice(half)) sink.write(track, bytes)
  await sink.end()
  for (const [name, expected] of [
    ['180p', 1],
    ['90p', 1],
    ['audio', 0],
  ] as const) {
    const media = [0, 1].map(seq => show.media('v1', name, `${seq}.m4s`))
    const bytes = Buffer.concat(media.flatMap(found => (found.kind === 'bytes' ? found.pieces : [])))
    expect(bytes.toString('latin1').split('{"goal":1}').length - 1, name).toBe(expected)
  }
})

test('a show with standard latency has whole segments alone and may still be waited for', async () => {
  const plan = smallPlan(30, { partMs: 500 })
  const { show } = openUnrecordedShow({ latencyMode: 'standard' })
  const sink = show.openEpoch(1, plan, () => BEGAN_MS)
  for (const { track, bytes } of await encodedLadder(plan, 5)) sink.write(track, bytes)
  const now = text(show, '180p', 'live')
  expect(now).not.toMatch(/EXT-X-PART|PRELOAD-HINT/u)
  expect(now).toContain('CAN-BLOCK-RELOAD=YES')
  expect(lintPlaylist(now, { kind: 'live' })).toEqual([])
  expect(show.reload('180p', 2, undefined)).toBe('wait')
  expect(show.entry('manifest.mpd')?.body.toString()).not.toContain('availabilityTimeOffset')
  await sink.end()
})
