import { randomBytes } from 'node:crypto'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { CmafReader } from '#shared/media/isobmff/cmaf-reader.ts'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import { encodedLadder, type EncodedPiece, smallPlan } from '#test/helpers/encoded-ladder.ts'
import { eventually } from '#test/helpers/eventually.ts'
import { fillableStore, recordedShowOptions, SHOW_ID } from '#test/helpers/recorded-show.ts'
import type { EpochSink } from '../borders.ts'
import type { PackagedShow } from '../packager/packaged-show.ts'
import { openShow } from '../recorder/open-show.ts'
import { type FoundShow, origin } from './origin.ts'

const CHANNEL = `play_${'b'.repeat(26)}`
const LIVE = `/live/${CHANNEL}`
const PLAN = smallPlan(30)

const tokens = playbackTokens(new Uint8Array(32).fill(7), Date.now)

let pieces: EncodedPiece[]
let store: Awaited<ReturnType<typeof fillableStore>>
let server: Server
let base: string
let found: FoundShow | undefined
let show: PackagedShow
let sink: EpochSink
let fed: number

beforeAll(async () => {
  pieces = await encodedLadder(PLAN, 5)
  store = await fillableStore()
  const shows = (id: string): FoundShow | undefined => (id === CHANNEL || id === SHOW_ID ? found : undefined)
  const log = { error: (_: object, message: string): never => expect.fail(message) }
  server = createServer(origin({ shows, objects: store.objects, tokens, now: Date.now, random: randomBytes, log }))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await store[Symbol.asyncDispose]()
})

beforeEach(() => {
  show = openShow(recordedShowOptions(store.objects).options)
  found = show
  sink = show.openEpoch(1, PLAN, Date.now)
  fed = 0
})

afterEach(async () => {
  await show.close()
})

/** Gives the show encoder output until the rendition has come that far. */
function feedUntil(msn: number, part: number, name = '180p'): void {
  while (show.reload(name, msn, part) !== 'ready' && fed < pieces.length) {
    const piece = pieces[fed]
    if (piece !== undefined) sink.write(piece.track, piece.bytes)
    fed += 1
  }
}

function feedAll(): void {
  for (; fed < pieces.length; fed += 1) sink.write(pieces[fed]?.track ?? 0, pieces[fed]?.bytes ?? new Uint8Array())
}

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(base + path, { redirect: 'manual', ...init })

/** A request whose path is sent exactly as written. */
function rawGet(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    httpRequest({ hostname, port, path, headers }, answer => {
      const got: Buffer[] = []
      answer.on('data', (bytes: Buffer) => got.push(bytes))
      answer.on('end', () => resolve({ answer, body: Buffer.concat(got) }))
    })
      .on('error', reject)
      .end()
  })
}

test('every kind of resource is served with its type and its cache rule, to any page', async () => {
  feedAll()
  const expected = [
    ['master.m3u8', 'application/vnd.apple.mpegurl', 'public, max-age=5'],
    ['dvr.m3u8', 'application/vnd.apple.mpegurl', 'public, max-age=5'],
    ['manifest.mpd', 'application/dash+xml', 'public, max-age=1'],
    ['v1/180p/live.m3u8', 'application/vnd.apple.mpegurl', 'public, max-age=1'],
    ['v1/audio/dvr.m3u8', 'application/vnd.apple.mpegurl', 'public, max-age=1'],
    ['v1/180p/0.m4s', 'video/mp4', 'public, max-age=86400, immutable'],
    ['v1/180p/0.3.m4s', 'video/mp4', 'public, max-age=86400, immutable'],
    ['v1/audio/init-1.mp4', 'video/mp4', 'public, max-age=86400, immutable'],
  ] as const
  for (const [path, type, cache] of expected) {
    const answer = await get(`${LIVE}/${path}`)
    const body = await answer.arrayBuffer()
    expect([path, answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      path,
      200,
      type,
      cache,
    ])
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const head = await get(`${LIVE}/${path}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, answer.headers.get('content-length')])
    expect(body.byteLength).toBeGreaterThan(0)
  }
})

test('a segment is the parts it was announced with, in memory and in the store', async () => {
  feedAll()
  const parts = await Promise.all(
    Array.from({ length: 10 }, async (_, part) => (await get(`${LIVE}/v1/180p/0.${part}.m4s`)).bytes()),
  )
  const whole = await (await get(`${LIVE}/v1/180p/0.m4s`)).bytes()
  expect(Buffer.concat(parts)).toEqual(Buffer.from(whole))
  await sink.end()
  const stored = await (await get(`/play/${SHOW_ID}/v1/180p/0.m4s`)).bytes()
  expect(Buffer.from(stored)).toEqual(Buffer.from(whole))
})

test('a blocking reload is answered by the part it waits for, not before and not later', async () => {
  feedUntil(0, 2)
  let answered = false
  const waiting = get(`${LIVE}/v1/180p/live.m3u8?_HLS_msn=0&_HLS_part=4`).then(async answer => {
    answered = true
    return answer.text()
  })
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  feedUntil(0, 3)
  expect([answered, show.readers.size]).toEqual([false, 1])
  feedUntil(0, 4)
  const text = await waiting
  expect(text).toContain('"0.4.m4s"')
  expect(text).toContain('PRELOAD-HINT:TYPE=PART,URI="0.5.m4s"')
})

test('who joins in the first second is answered with the first whole segment, not with a playlist of parts alone', async () => {
  feedUntil(0, 2)
  const joining = get(`${LIVE}/v1/180p/live.m3u8`)
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  feedUntil(1, 0)
  expect(await (await joining).text()).toContain('\n0.m4s\n')
})

test('a reader that goes on in an encoder run that is over gets nothing rather than the media of the next or a fault', async () => {
  feedAll()
  await sink.end()
  const waiting = get(`${LIVE}/v1/180p/3.m4s`)
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  sink = show.openEpoch(2, PLAN, Date.now)
  fed = 0
  feedAll()
  const answer = await waiting
  expect([answer.status, answer.headers.get('cache-control'), (await answer.bytes()).length]).toEqual([
    200,
    'no-store',
    0,
  ])
  expect((await get(`${LIVE}/v1/180p/4.m4s`)).status).toBe(404)
  expect((await (await get(`${LIVE}/v2/180p/3.m4s`)).bytes()).length).toBeGreaterThan(0)
})

test('what RFC 8216bis forbids a player to ask is refused with 400', async () => {
  feedUntil(0, 2)
  for (const query of [
    '_HLS_part=1',
    '_HLS_msn=9',
    '_HLS_msn=x',
    '_HLS_msn=-1',
    '_HLS_msn=0&_HLS_part=1.5',
    '_HLS_msn=0&_HLS_part=900',
  ]) {
    const answer = await get(`${LIVE}/v1/180p/live.m3u8?${query}`)
    expect([query, answer.status, answer.headers.get('content-type')]).toEqual([query, 400, 'application/problem+json'])
  }
})

test('the hinted part is sent as soon as it is there; one nobody hinted is not waited for', async () => {
  feedUntil(0, 2)
  const hinted = get(`${LIVE}/v1/180p/0.3.m4s`)
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  expect((await get(`${LIVE}/v1/180p/0.7.m4s`)).status).toBe(404)
  feedUntil(0, 3)
  expect((await hinted).status).toBe(200)
  feedUntil(0, 9)
  const next = get(`${LIVE}/v1/180p/1.0.m4s`)
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  feedUntil(1, 0)
  expect((await next).status).toBe(200)
})

test('a segment that is being made arrives part by part and whole', async () => {
  feedUntil(0, 1)
  const answer = await get(`${LIVE}/v1/180p/0.m4s`)
  const reader = answer.body?.getReader()
  const first = await reader?.read()
  expect(answer.headers.get('content-length')).toBeNull()
  expect(first?.value?.length).toBeGreaterThan(0)
  feedAll()
  const rest = [Buffer.from(first?.value ?? [])]
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read())
    rest.push(Buffer.from(next.value))
  expect(Buffer.concat(rest)).toEqual(Buffer.from(await (await get(`${LIVE}/v1/180p/0.m4s`)).bytes()))
})

test('two hundred readers at once never see a torn playlist, segment or part', async () => {
  feedUntil(0, 0)
  const reader = async (index: number): Promise<void> => {
    const name = ['180p', '90p', 'audio'][index % 3] ?? ''
    for (let msn = 0, part = 1; msn < 2; part += 1) {
      const text = await (await get(`${LIVE}/v1/${name}/live.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`)).text()
      expect(text.startsWith('#EXTM3U\n') && text.endsWith('\n')).toBe(true)
      const newest = [...text.matchAll(/#EXT-X-PART:.*URI="(\d+)\.(\d+)\.m4s"/gu)].at(-1)
      ;[msn, part] = [Number(newest?.[1]), Number(newest?.[2])]
      const [media, init] = await Promise.all([
        (await get(`${LIVE}/v1/${name}/${msn}.${part}.m4s`)).bytes(),
        (await get(`${LIVE}/v1/${name}/init-1.mp4`)).bytes(),
      ])
      const cmaf = new CmafReader()
      expect([...cmaf.push(init), ...cmaf.push(media)].map(({ kind }) => kind)).toEqual(['init', 'chunk'])
    }
  }
  let reading = 200
  const readers = Promise.all(
    Array.from({ length: reading }, (_, index) => reader(index).finally(() => (reading -= 1))),
  )
  for (; fed < pieces.length; fed += 1) {
    await eventually(() => reading === 0 || show.readers.size > 0)
    sink.write(pieces[fed]?.track ?? 0, pieces[fed]?.bytes ?? new Uint8Array())
  }
  await readers
})

test('playlists are compressed for whom that is right and not sent twice', async () => {
  feedAll()
  const path = `${LIVE}/v1/180p/live.m3u8`
  const plain = await rawGet(path)
  const zipped = await rawGet(path, { 'accept-encoding': 'br, gzip;q=0.8' })
  const refused = await rawGet(path, { 'accept-encoding': 'gzip;q=0' })
  expect(zipped.answer.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
  expect(gunzipSync(zipped.body)).toEqual(plain.body)
  expect([plain, refused].map(({ answer }) => answer.headers['content-encoding'])).toEqual([undefined, undefined])
  const again = await rawGet(path, { 'if-none-match': String(plain.answer.headers.etag) })
  expect([again.answer.statusCode, again.body.length]).toEqual([304, 0])
})

test('stored media are served in ranges', async () => {
  feedAll()
  await sink.end()
  const path = `/play/${SHOW_ID}/v1/90p/0.m4s`
  const whole = Buffer.from(await (await get(path)).bytes())
  for (const [range, status, first, last] of [
    ['bytes=0-99', 206, 0, 99],
    [`bytes=${whole.length - 10}-`, 206, whole.length - 10, whole.length - 1],
    ['bytes=-7', 206, whole.length - 7, whole.length - 1],
    ['bytes=5-999999999', 206, 5, whole.length - 1],
    ['bytes=9-3', 200, 0, whole.length - 1],
    ['bytes=0-1,4-5', 200, 0, whole.length - 1],
  ] as const) {
    const answer = await get(path, { headers: { range } })
    expect([range, answer.status]).toEqual([range, status])
    expect(Buffer.from(await answer.bytes())).toEqual(whole.subarray(first, last + 1))
    if (status === 206) expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/${whole.length}`)
  }
  const beyond = await get(path, { headers: { range: `bytes=${whole.length}-` } })
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
})

test('a show that is over leads to its recording, which plays on under the same relative names', async () => {
  feedAll()
  await sink.end()
  await show.close()
  found = { endedAs: SHOW_ID }
  for (const [from, to] of [
    ['master.m3u8', 'master.m3u8'],
    ['dvr.m3u8', 'master.m3u8'],
    ['v1/180p/live.m3u8', 'v1/180p/index.m3u8'],
    ['v1/180p/1.m4s', 'v1/180p/1.m4s'],
  ]) {
    const answer = await get(`${LIVE}/${from}`)
    expect(answer.status).toBe(302)
    const location = new URL(answer.headers.get('location') ?? '', `${base}${LIVE}/${from}`).pathname
    expect(location).toBe(`/play/${SHOW_ID}/${to}`)
    const stored = await get(location)
    expect([stored.status, stored.headers.get('cache-control')?.startsWith('public, max-age=86400')]).toEqual([
      200,
      true,
    ])
  }
})

test('readers that wait when the show ends are told so', async () => {
  feedUntil(0, 2)
  const waiting = get(`${LIVE}/v1/180p/live.m3u8?_HLS_msn=1&_HLS_part=0`)
  await eventually(
    () => show.readers.size,
    size => expect(size).toBe(1),
  )
  await show.close()
  expect(await (await waiting).text()).toContain('#EXT-X-ENDLIST')
})

test('nothing outside the shows is reachable, however it is written', async () => {
  feedAll()
  const strange = [
    '/',
    '/live/',
    '/etc/passwd',
    `/play/${SHOW_ID}/../../plane/recordings/${SHOW_ID}/show.json`,
    `/play/${SHOW_ID}/%2e%2e/%2e%2e/plane/x`,
    `/play/${SHOW_ID}/..%2f..%2fplane`,
    `/play/${SHOW_ID}//v1/180p/0.m4s`,
    `/play/${SHOW_ID}/.hidden`,
    '/play/plane/recordings/show.json',
    `${LIVE}/v1/180p/0.m4s/`,
    `${LIVE}/v1/180p/999.m4s`,
    `${LIVE}/v2/180p/0.m4s`,
    `${LIVE}/v1/1080p/live.m3u8`,
    `${LIVE}/v1/180p/-1.m4s`,
    `/live/play_${'c'.repeat(26)}/master.m3u8`,
    `/live/${'a'.repeat(600)}`,
  ]
  for (const path of strange) {
    const { answer, body } = await rawGet(path)
    expect([path, answer.statusCode, answer.headers['content-type']]).toEqual([path, 404, 'application/problem+json'])
    expect(JSON.parse(body.toString())).toMatchObject({ code: 'resource.missing', status: 404 })
  }
  const posted = await get(`${LIVE}/master.m3u8`, { method: 'POST' })
  expect(posted.status).toBe(405)
})

test('a token opens its playback id, and relative addresses keep it', async () => {
  feedAll()
  const until = Math.floor(Date.now() / 1_000) + 60
  const prefix = tokens.mint(CHANNEL, until)
  const master = await get(`${prefix}${LIVE}/master.m3u8`)
  expect(master.status).toBe(200)
  const [variant = ''] = (await master.text()).split('\n').filter(line => line.endsWith('.m3u8'))
  const playlist = await get(new URL(variant, `${base}${prefix}${LIVE}/master.m3u8`).pathname)
  expect(playlist.status).toBe(200)
})

test('a token that is forged, foreign, old or misspelt opens nothing, whatever it stands before', async () => {
  feedAll()
  const nowS = Math.floor(Date.now() / 1_000)
  const good = tokens.mint(CHANNEL, nowS + 60)
  const [exp = '', kid = '', hmac = ''] = good.slice('/t/'.length).split('.')
  const flipped = Array.from(
    hmac,
    (character, at) => `${hmac.slice(0, at)}${character === 'A' ? 'B' : 'A'}${hmac.slice(at + 1)}`,
  )
  const forged = [
    // The last character of 43 carries four bits, so that one is left out: two spellings of it are one value elsewhere.
    ...flipped.slice(0, -1).map(each => `/t/${exp}.${kid}.${each}`),
    `/t/${Number(exp) + 1}.${kid}.${hmac}`,
    `/t/${exp}.other.${hmac}`,
    `/t/${exp}.${kid}.${hmac.slice(1)}`,
    `/t/${exp}.${kid}`,
    '/t/x',
    tokens.mint(CHANNEL, nowS - 1),
    tokens.mint(SHOW_ID, nowS + 60),
    playbackTokens(new Uint8Array(32).fill(8), Date.now).mint(CHANNEL, nowS + 60),
    `${good}${good}`,
  ]
  expect(forged.length).toBeGreaterThan(40)
  for (const prefix of forged) {
    const answer = await get(`${prefix}${LIVE}/master.m3u8`)
    expect([403, 404], prefix).toContain(answer.status)
    if (answer.status === 403) expect(answer.headers.get('cache-control')).toBe('no-store')
  }
})
