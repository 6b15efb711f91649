import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { lintManifest } from '#shared/media/dash/manifest-linter.ts'
import { lintPlaylist } from '#shared/media/hls/playlist-linter.ts'
import { encodedLadder, type EncodedPiece, smallPlan } from '#test/helpers/encoded-ladder.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { fillableStore, objectText, recordedShowOptions, SHOW_ID } from '#test/helpers/recorded-show.ts'
import type { PackagedShow } from '../packager/packaged-show.ts'
import { openShow, restoreShow } from './open-show.ts'
import { readRecording, readStoredSegments } from './recording.ts'

const PLAN = smallPlan(30)
let pieces: EncodedPiece[]

beforeAll(async () => {
  pieces = await encodedLadder(PLAN, 5)
})

function feed(show: PackagedShow, epoch: number, share = 1) {
  const sink = show.openEpoch(epoch, PLAN, Date.now)
  for (const { track, bytes } of pieces.slice(0, pieces.length * share)) sink.write(track, bytes)
  return sink
}

test('every segment told lies in the store with the digest told, and the totals agree', async () => {
  await using store = await fillableStore()
  const { options, told } = recordedShowOptions(store.objects)
  const show = openShow(options)
  await feed(show, 1).end()
  expect(told.stored.map(({ seq }) => seq)).toEqual([0, 1, 2])
  expect(show.totals()).toMatchObject({ segmentsProduced: 3, segmentsStored: 3 })
  for (const { renditions } of told.stored) {
    expect(renditions.map(({ name }) => name).sort()).toEqual(['180p', '90p', 'audio'])
    for (const { uri, bytes, sha256 } of renditions) {
      const hash = createHash('sha256')
      for await (const piece of (await store.objects.get(uri))?.body ?? []) hash.update(piece)
      expect(hash.digest('hex')).toBe(sha256)
      expect((await store.objects.head(uri))?.bytes).toBe(bytes)
    }
  }
})

test('a closed show is playable from its objects alone: every file its playlists name is there', async () => {
  await using store = await fillableStore()
  const { options } = recordedShowOptions(store.objects)
  const show = openShow(options)
  await feed(show, 1).end()
  await feed(show, 2).end()
  await show.close()
  const root = `play/${SHOW_ID}`
  const master = await objectText(store.objects, `${root}/master.m3u8`)
  expect(lintPlaylist(master, { kind: 'multivariant' })).toEqual([])
  const playlists = [...master.matchAll(/^v.*m3u8$|URI="([^"]+)"/gmu)].map(([line, uri]) => uri ?? line)
  expect(playlists).toHaveLength(3)
  for (const path of playlists) {
    const text = await objectText(store.objects, `${root}/${path}`)
    expect(lintPlaylist(text, { kind: 'vod' })).toEqual([])
    const files = [...text.matchAll(/^[^#].*m4s$|MAP:URI="([^"]+)"/gmu)].map(([line, uri]) => uri ?? line)
    for (const file of files) {
      const key = new URL(file, `http://x/${root}/${path}`).pathname.slice(1)
      expect(await store.objects.head(key), key).toBeDefined()
    }
  }
  const manifest = await objectText(store.objects, `${root}/manifest.mpd`)
  expect(lintManifest(manifest)).toEqual([])
  expect(manifest.match(/<Period /gu)).toHaveLength(2)
  expect(await readRecording(store.objects, SHOW_ID)).toMatchObject({
    state: 'complete',
    segments_produced: 6,
    segments_stored: 6,
  })
})

test('after its process died a show goes on: what was told is listed, sequence numbers follow, nothing is overwritten', async () => {
  await using store = await fillableStore()
  const first = recordedShowOptions(store.objects)
  const dead = openShow(first.options)
  feed(dead, 1, 0.9)
  const { stored } = await eventually(
    () => first.told,
    told => expect(told.stored).toHaveLength(2),
  )
  const second = recordedShowOptions(store.objects)
  const restored = await restoreShow(second.options)
  if (restored === undefined) throw new Error('Nothing was found.')
  expect(await restored.segmentsFrom(0)).toEqual(stored)
  expect(await restored.segmentsFrom(1)).toEqual(stored.slice(1))
  expect(restored.lastStoredAtMs).toBeGreaterThan(0)
  await feed(restored.show, 5).end()
  expect(second.told.stored.map(({ seq }) => seq)).toEqual([2, 3, 4])
  expect(second.told.stored[0]).toMatchObject({ discontinuity: true, epoch: 5 })
  expect(second.told.stored.every(({ renditions }) => renditions.every(({ uri }) => uri.includes('/v5/')))).toBe(true)
  const dvr = restored.show.playlist('v1', '180p', 'dvr', false)?.body.toString() ?? ''
  expect(lintPlaylist(dvr, { kind: 'live' })).toEqual([])
  expect(dvr.match(/^[^#].*\.m4s$/gmu)).toEqual([
    '0.m4s',
    '1.m4s',
    '../../v5/180p/2.m4s',
    '../../v5/180p/3.m4s',
    '../../v5/180p/4.m4s',
  ])
  expect(restored.show.totals()).toMatchObject({ segmentsProduced: 5, segmentsStored: 5 })
  await restored.show.close()
  expect(await readStoredSegments(store.objects, SHOW_ID, 0, 4)).toHaveLength(4)
})

test('a show of which nothing was written is not found', async () => {
  await using store = await fillableStore()
  const { options } = recordedShowOptions(store.objects)
  expect(await restoreShow(options)).toBeUndefined()
  expect(await readRecording(store.objects, SHOW_ID)).toBeUndefined()
  expect(await readStoredSegments(store.objects, SHOW_ID, 0, 10)).toBeUndefined()
})

test('a full disk is told once, live goes on, and all is stored when there is room again', async () => {
  await using store = await fillableStore()
  const { options, told } = recordedShowOptions(store.objects)
  const show = openShow(options)
  store.disk.full = true
  await feed(show, 1).end()
  await eventually(
    () => store.disk.refused,
    refused => expect(refused).toBeGreaterThan(4),
  )
  expect(told.failed).toEqual([expect.stringContaining('storage is full')])
  expect(told.stored).toEqual([])
  expect(show.media('v1', '180p', '0.m4s').kind).toBe('bytes')
  await expect(show.close()).rejects.toThrow('storage is full')
  store.disk.full = false
  await eventually(
    () => show.totals().segmentsStored,
    stored => expect(stored).toBe(3),
  )
  await show.close()
  expect(await readRecording(store.objects, SHOW_ID)).toMatchObject({
    state: 'complete',
    segments_produced: 3,
    segments_stored: 3,
  })
})
