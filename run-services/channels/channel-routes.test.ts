import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { channelsService, type ChannelsService, type Reply } from '#test/helpers/channels-service.ts'
import type { CreatedChannelAnswer } from './channel-answer.ts'
import type { CreatedStreamKeyAnswer } from './stream-key-answer.ts'
import { reconcileChannels } from './reconcile-channels.ts'

// A database start and hundreds of transactions on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let service: ChannelsService
beforeAll(async () => {
  service = await channelsService()
})
afterAll(() => service[Symbol.asyncDispose]())

type Call = ReturnType<ChannelsService['as']>
const problem = (reply: Reply<never>) =>
  reply.body as { code: string; param?: string; legal_moves?: string[]; detail: string }
const channelFor = async (call: Call, body: object = { title: 'A show' }, headers?: Record<string, string>) =>
  (await call('POST', '/v1/channels', body, headers)) as Reply<CreatedChannelAnswer>

describe('creators', () => {
  test('are made on first use and stay the same', async () => {
    const alice = service.as('alice')
    const first = await alice('GET', '/v1/me')
    expect(first.body).toMatchObject({ handle: 'alice', display_name: 'alice', roles: ['creator'] })
    expect((await alice('GET', '/v1/me')).body).toEqual(first.body)
    expect(first.headers.get('etag')).toBe('"1"')
  })

  test('of one name get different handles', async () => {
    await service.as('bob')('PATCH', '/v1/me', { handle: 'carol' })
    const carol = await service.as('carol')('GET', '/v1/me')
    expect((carol.body as { handle: string }).handle).toMatch(/^carol_[a-z2-7]{5}$/)
  })

  test('made by many requests at once are one', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => service.as('dave')('GET', '/v1/me')))
    expect(new Set(replies.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1)
    expect(replies[0]?.status).toBe(200)
  })

  test('cannot take a handle that is taken, nor change on an old version', async () => {
    const erin = service.as('erin')
    expect(problem(await erin('PATCH', '/v1/me', { handle: 'alice' }))).toMatchObject({
      code: 'conflict.duplicate',
      param: '/handle',
    })
    expect((await erin('PATCH', '/v1/me', { display_name: 'Erin 🎬 ليلى' }, { 'if-match': '"1"' })).body).toMatchObject(
      { display_name: 'Erin 🎬 ليلى' },
    )
    expect((await erin('PATCH', '/v1/me', { display_name: 'E' }, { 'if-match': '"1"' })).status).toBe(412)
  })
})

describe('channels', () => {
  test('come with playback, ingest and a first stream key that is told once', async () => {
    const made = await channelFor(service.as('alice'), { title: '夜のランタン 🏮' })
    expect(made.status).toBe(201)
    const { id, playback_id, playback, ingest, stream_key } = made.body
    expect(playback?.hls_url).toBe(`http://media.test:8081/live/${playback_id}/master.m3u8`)
    expect(playback?.dvr_url).toBe(`http://media.test:8081/live/${playback_id}/dvr.m3u8`)
    expect(ingest).toEqual({ rtmp_url: 'rtmp://127.0.0.1:1935/live' })
    expect(stream_key.secret).toMatch(/^sk_/)
    const again = await service.as('alice')('GET', `/v1/channels/${id}`)
    expect(again.body).not.toHaveProperty('stream_key')
    expect(JSON.stringify(again.body)).not.toContain(stream_key.secret)
    expect(service.plane.settings.get(`ref-${id}`)).toMatchObject({
      name: '夜のランタン 🏮',
      enabled: true,
      dvrWindowS: 3600,
    })
  })

  test('made twice with one Idempotency-Key are one channel and one key', async () => {
    const call = service.as('alice')
    const first = await channelFor(call, { title: 'Once' }, { 'idempotency-key': 'k1' })
    const second = await channelFor(call, { title: 'Once' }, { 'idempotency-key': 'k1' })
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    expect((await call('POST', '/v1/channels', { title: 'Other' }, { 'idempotency-key': 'k1' })).status).toBe(422)
  })

  test('asked for while the plane is away are finished by the retry, not doubled', async () => {
    const call = service.as('frank')
    service.plane.away = true
    const refused = await channelFor(call, { title: 'Later' }, { 'idempotency-key': 'k2' })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)])
    service.plane.away = false
    expect((await channelFor(call, { title: 'Later' }, { 'idempotency-key': 'k2' })).status).toBe(201)
    expect(((await call('GET', '/v1/channels')).body as { data: unknown[] }).data).toHaveLength(1)
  })

  test('whose request died halfway are finished by the reconciler', async () => {
    const call = service.as('grace')
    service.plane.away = true
    await channelFor(call)
    service.plane.away = false
    service.clock.nowMs += 6_000
    expect(await reconcileChannels(service.deps, new Map())).toMatchObject({ channels: 1, failed: 0 })
    const { data } = (await call('GET', '/v1/channels')).body as { data: CreatedChannelAnswer[] }
    expect(data[0]?.playback_id).toMatch(/^play_/)
  })

  test('of others cannot be changed, and show nothing of their ingest', async () => {
    const { body } = await channelFor(service.as('alice'))
    const mallory = service.as('mallory')
    expect((await mallory('GET', `/v1/channels/${body.id}`)).body).not.toHaveProperty('ingest')
    for (const [method, path, change] of [
      ['PATCH', `/v1/channels/${body.id}`, { title: 'Mine' }],
      ['POST', `/v1/channels/${body.id}/stream-keys`, {}],
      ['GET', `/v1/channels/${body.id}/stream-keys`, undefined],
      ['DELETE', `/v1/channels/${body.id}/stream-keys/${body.stream_key.id}`, undefined],
      ['PATCH', '/v1/channels/chan_aaaaaaaaaaaaaaaaaaaaaaaaaa', { title: 'Mine' }],
      ['PATCH', '/v1/channels/%27%20OR%201=1', { title: 'Mine' }],
    ] as const) {
      expect([(await mallory(method, path, change)).status, method, path]).toEqual([404, method, path])
    }
  })

  test('refuse bad settings with the field at fault', async () => {
    const call = service.as('alice')
    for (const [body, param] of [
      [{}, '/title'],
      [{ title: '' }, '/title'],
      [{ title: ' \t ' }, '/title'],
      [{ title: 'a\u0007b' }, '/title'],
      [{ title: 'x'.repeat(201) }, '/title'],
      [{ title: 'A', dvr_window_s: 1e12 }, '/dvr_window_s'],
      [{ title: 'A', dvr_window_s: -1 }, '/dvr_window_s'],
      [{ title: 'A', reconnect_window_s: 1.5 }, '/reconnect_window_s'],
      [{ title: 'A', latency_mode: 'ultra' }, '/latency_mode'],
      [{ title: 'A', provider_ref: 'mine' }, '/provider_ref'],
      [{ title: 'A', record: 'yes' }, '/record'],
    ] as const) {
      const reply = await call('POST', '/v1/channels', body)
      expect([reply.status, problem(reply).param]).toEqual([422, param])
    }
    expect((await call('POST', '/v1/channels', '{"title": ')).status).toBe(400)
    expect((await call('POST', '/v1/channels', { title: 'x'.repeat(70_000) })).status).toBe(413)
    expect((await call('POST', '/v1/channels', [])).status).toBe(422)
  })

  test('list page by page, each once, under a cursor that cannot be made up', async () => {
    const call = service.as('heidi')
    for (const title of ['one', 'two', 'three', 'four', 'five']) await channelFor(call, { title })
    const seen: string[] = []
    let path = '/v1/channels?limit=2'
    for (let pages = 0; pages < 5 && path !== ''; pages += 1) {
      const { data, next_cursor } = (await call('GET', path)).body as {
        data: CreatedChannelAnswer[]
        next_cursor: string | null
      }
      seen.push(...data.map(({ id }) => id))
      path = next_cursor === null ? '' : `/v1/channels?limit=2&cursor=${next_cursor}`
    }
    expect([seen.length, new Set(seen).size]).toEqual([5, 5])
    expect(problem(await call('GET', '/v1/channels?cursor=bm8.no')).code).toBe('cursor.invalid')
    expect((await call('GET', '/v1/channels?limit=101')).status).toBe(422)
    expect((await call('GET', '/v1/channels?offset=1')).status).toBe(422)
  })

  test('change their settings on the plane too, at once or later', async () => {
    const call = service.as('alice')
    const { id } = (await channelFor(call)).body
    expect((await call('PATCH', `/v1/channels/${id}`, { title: 'New', record: false })).body).toMatchObject({
      title: 'New',
      record: false,
    })
    expect(service.plane.settings.get(`ref-${id}`)).toMatchObject({ name: 'New', record: false })
    service.plane.away = true
    expect((await call('PATCH', `/v1/channels/${id}`, { title: 'Newer' })).status).toBe(200)
    service.plane.away = false
    service.clock.nowMs += 6_000
    await reconcileChannels(service.deps, new Map())
    expect(service.plane.settings.get(`ref-${id}`)).toMatchObject({ name: 'Newer' })
    expect((await call('PATCH', `/v1/channels/${id}`, { enabled: false }, { 'if-match': '"1"' })).status).toBe(412)
    expect((await call('PATCH', `/v1/channels/${id}`, { enabled: false })).body).toMatchObject({ state: 'disabled' })
    expect(service.plane.settings.get(`ref-${id}`)).toMatchObject({ enabled: false })
    expect((await call('PATCH', `/v1/channels/${id}`, { enabled: true })).body).toMatchObject({ state: 'idle' })
  })
})

describe('stream keys', () => {
  const keyOf = async (call: Call, id: string, headers?: Record<string, string>) =>
    (await call(
      'POST',
      `/v1/channels/${id}/stream-keys`,
      { label: 'Studio PC' },
      headers,
    )) as Reply<CreatedStreamKeyAnswer>

  test('tell their secret once and leave none in the database', async () => {
    const call = service.as('ivan')
    const channel = (await channelFor(call)).body
    const { body: key } = await keyOf(call, channel.id)
    const list = await call('GET', `/v1/channels/${channel.id}/stream-keys`)
    expect((list.body as { data: { id: string }[] }).data.map(({ id }) => id).sort()).toEqual(
      [channel.stream_key.id, key.id].sort(),
    )
    expect(JSON.stringify(list.body)).not.toContain(key.secret)
    const rows = await service.database.read<{ row: string }>({
      name: 'test.dump',
      sql: 'select cast(row_to_json(k) as text) as row from stream_keys k',
      parameters: [],
    })
    const hex = Buffer.from(key.secret).toString('hex')
    for (const { row } of rows) expect(row.includes(key.secret) || row.includes(hex)).toBe(false)
  })

  test('rotate with grace: the old one ends on the plane when the grace is over', async () => {
    const call = service.as('ivan')
    const channel = (await channelFor(call)).body
    const old = channel.stream_key
    const path = `/v1/channels/${channel.id}/stream-keys/${old.id}/rotate`
    const rotated = (await call(
      'POST',
      path,
      { grace_s: 300 },
      { 'idempotency-key': 'r1' },
    )) as Reply<CreatedStreamKeyAnswer>
    expect(rotated.status).toBe(201)
    expect(rotated.body.secret).not.toBe(old.secret)
    const until = new Date(service.clock.nowMs + 300_000).toISOString()
    expect(service.plane.keys.get(`key-${old.id}`)?.expiresAt).toBe(until)
    const states = async () =>
      ((await call('GET', `/v1/channels/${channel.id}/stream-keys`)).body as { data: { id: string; state: string }[] })
        .data
    expect(await states()).toContainEqual(expect.objectContaining({ id: old.id, state: 'retiring', expires_at: until }))
    expect(problem(await call('POST', path, { grace_s: 0 }))).toMatchObject({
      code: 'state.illegal',
      legal_moves: ['revoked'],
    })
    service.clock.nowMs += 300_001
    expect(await states()).toContainEqual(expect.objectContaining({ id: old.id, state: 'revoked' }))
    expect((await call('POST', path, { grace_s: 86_401 })).status).toBe(422)
  })

  test('deleted while the plane is away end there as soon as it is back', async () => {
    const call = service.as('judy')
    const channel = (await channelFor(call)).body
    const path = `/v1/channels/${channel.id}/stream-keys/${channel.stream_key.id}`
    service.plane.away = true
    expect((await call('DELETE', path)).status).toBe(503)
    service.plane.away = false
    service.clock.nowMs += 6_000
    expect(await reconcileChannels(service.deps, new Map())).toMatchObject({ keys: 1 })
    expect(service.plane.keys.get(`key-${channel.stream_key.id}`)?.expiresAt).toBeDefined()
    expect((await call('DELETE', path)).status).toBe(204)
    expect((await call('DELETE', `${path}x`)).status).toBe(404)
  })

  test('need the creator role', async () => {
    const viewer = service.as('kim', 'viewer')
    expect((await viewer('POST', '/v1/channels', { title: 'No' })).status).toBe(403)
    expect((await viewer('GET', '/v1/me')).status).toBe(200)
    expect((await service.as('bad')('GET', '/v1/me')).status).toBe(401)
  })
})
