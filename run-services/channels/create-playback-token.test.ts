import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { playbackTokens } from '#shared/service/playback-tokens.ts'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import { atS, planeReports } from '#test/helpers/plane-reports.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import type { PlaybackTokenAnswer } from './playback-token-answer.ts'
import type { StreamAnswer } from './stream-answer.ts'

// A database starts on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let service: ChannelsService
let channel: CreatedChannelAnswer
beforeAll(async () => {
  service = await channelsService()
  channel = ((await service.as('alice')('POST', '/v1/channels', { title: 'A show' })) as Reply<CreatedChannelAnswer>)
    .body
})
afterAll(() => service[Symbol.asyncDispose]())

const PATH = /^\/t\/([^/]+)\/(live|play)\/([^/]+)\/(.+)$/u
const mint = async (who: string, body: object, ...roles: Parameters<ChannelsService['as']>[1][]) =>
  (await service.as(who, ...roles)('POST', '/v1/playback-tokens', body)) as Reply<PlaybackTokenAnswer>
/** What the origin says of a minted URL, at an instant. */
function opens({ url }: PlaybackTokenAnswer, nowMs = service.clock.nowMs) {
  const [, token = '', area, id = '', rest] = PATH.exec(new URL(url).pathname) ?? []
  return [playbackTokens(new Uint8Array(32).fill(4), () => nowMs).verify(token, id), area, id, rest]
}

test('the owner’s token opens the channel until it ends, on the media origin', async () => {
  const { status, body } = await mint('alice', { playback_id: channel.playback_id, ttl_s: 600, viewer_id: 'member-1' })
  expect(status).toBe(201)
  expect(new URL(body.url).origin).toBe('http://media.test:8081')
  expect(Date.parse(body.expires_at)).toBe(service.clock.nowMs + 600_000)
  expect(opens(body)).toEqual(['good', 'live', channel.playback_id, 'master.m3u8'])
  expect(opens(body, service.clock.nowMs + 601_000)[0]).toBe('token.expired')
})

test('a show’s token leads to the show while it is on the air and to its recording afterwards', async () => {
  const reports = planeReports(`ref-${channel.id}`, `play_${'s'.repeat(26)}`)
  await service.tell(reports.started(1, 0))
  const listed = await service.as('alice')('GET', `/v1/streams?channel=${channel.id}`)
  const [stream] = (listed.body as { data: StreamAnswer[] }).data
  const playback_id = stream?.playback.id ?? expect.fail('There is no show.')
  expect(opens((await mint('alice', { playback_id })).body)).toEqual(['good', 'live', playback_id, 'master.m3u8'])
  service.clock.nowMs = Date.parse(atS(60))
  await service.tell(reports.over(1, 30))
  expect(opens((await mint('alice', { playback_id })).body)).toEqual(['good', 'play', playback_id, 'master.m3u8'])
})

test('only the owner and an admin may mint, and what is not theirs is not there', async () => {
  const body = { playback_id: channel.playback_id }
  expect((await mint('mallory', body)).status).toBe(404)
  expect((await mint('alice', { playback_id: `play_${'z'.repeat(26)}` })).status).toBe(404)
  expect((await mint('alice', body, 'viewer')).status).toBe(403)
  expect((await mint('root', body, 'admin')).status).toBe(201)
})

test.each([
  [{}, '/playback_id'],
  [{ ttl_s: 59 }, '/ttl_s'],
  [{ ttl_s: 86_401 }, '/ttl_s'],
  [{ viewer_id: 'a\nb' }, '/viewer_id'],
])('a request that asks for too much says where: %j', async (asked, param) => {
  const rest = 'ttl_s' in asked || 'viewer_id' in asked ? { playback_id: channel.playback_id } : {}
  const { status, body } = await mint('alice', { ...rest, ...asked })
  expect([status, (body as unknown as { param: string }).param]).toEqual([422, param])
})
