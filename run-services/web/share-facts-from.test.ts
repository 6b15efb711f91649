import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shareFactsFrom } from './share-facts-from.ts'

const creator = { id: 'crtr_1', handle: 'alice', display_name: 'Alice' }
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/v1/clips/clip_1': {
    title: 'A goal',
    creator,
    playback: { mp4_url: 'http://media/clip.mp4', poster_url: 'http://media/poster.jpg' },
  },
  '/v1/streams/strm_1': { title: 'A show', creator, state: 'live', playback: { hls_url: 'http://media/master.m3u8' } },
  '/v1/shares/shar_clip': { clip_id: 'clip_1', stream_id: 'strm_1' },
  '/v1/shares/shar_show': { clip_id: null, stream_id: 'strm_1' },
  '/v1/shares/shar_gone': { clip_id: 'clip_gone', stream_id: 'strm_1' },
}
const CLIP = {
  id: 'clip_1',
  kind: 'clip',
  title: 'A goal',
  creator: 'Alice',
  live: false,
  posterUrl: 'http://media/poster.jpg',
  videoUrl: 'http://media/clip.mp4',
}
const SHOW = {
  id: 'strm_1',
  kind: 'show',
  title: 'A show',
  creator: 'Alice',
  live: true,
  posterUrl: undefined,
  videoUrl: 'http://media/master.m3u8',
}

const api = createServer((request, response) => {
  const answer = ANSWERS[request.url ?? '']
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer ?? {}))
})
let facts: ReturnType<typeof shareFactsFrom>
beforeAll(async () => {
  await new Promise<void>(resolve => api.listen(0, '127.0.0.1', resolve))
  facts = shareFactsFrom(new URL(`http://127.0.0.1:${(api.address() as AddressInfo).port}`))
})
afterAll(() => new Promise(resolve => api.close(resolve)))

test('a link tells of what it leads to, a clip and a show of themselves, and nothing of what is gone', async () => {
  expect(await facts('clip_1')).toEqual(CLIP)
  expect(await facts('shar_clip')).toEqual(CLIP)
  expect(await facts('strm_1')).toEqual(SHOW)
  expect(await facts('shar_show')).toEqual(SHOW)
  for (const id of ['clip_gone', 'shar_gone', 'shar_none', 'strm_none', 'chan_none']) {
    expect(await facts(id)).toBeUndefined()
  }
})
