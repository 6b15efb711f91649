import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClipsService, clipsService } from '#test/helpers/clips-service.ts'
import type { CallOptions } from '#test/helpers/test-service.ts'
import { DEFAULT_RULES } from './highlights/default-rules.ts'
import type { RulesAnswer } from './rules-answer.ts'

let clips: ClipsService

beforeAll(async () => {
  clips = await clipsService()
})
afterAll(() => clips[Symbol.asyncDispose]())

async function call(sub: string, path: string, options: CallOptions = {}) {
  const response = await clips.service.asUser(clips.app, sub)(path, options)
  return {
    status: response.status,
    etag: response.headers.get('etag'),
    body: (await response.json()) as RulesAnswer & { code?: string },
  }
}

const put = (sub: string, body: unknown, headers: Record<string, string> = {}) =>
  call(sub, '/v1/clip-rules', { method: 'PUT', body, headers })

test('everyone begins with the same rules', async () => {
  expect(await call('new', '/v1/clip-rules')).toEqual({
    status: 200,
    etag: '"0"',
    body: { version: 0, rules: DEFAULT_RULES },
  })
})

test('each change is a version of its own; the same rules again are none', async () => {
  const rules = { ...DEFAULT_RULES, threshold: 5 }
  expect(await put('ann', rules)).toMatchObject({ status: 200, etag: '"1"', body: { version: 1, rules } })
  expect(await put('ann', rules)).toMatchObject({ status: 200, etag: '"1"' })
  expect(await put('ann', { ...rules, four_eyes: true })).toMatchObject({ etag: '"2"', body: { version: 2 } })
  expect((await call('ann', '/v1/clip-rules')).body).toEqual({ version: 2, rules: { ...rules, four_eyes: true } })
  expect((await call('bob', '/v1/clip-rules')).body.version).toBe(0)
})

test('a change of a version that is not the present one is refused', async () => {
  const first = await put('cid', { ...DEFAULT_RULES, threshold: 6 }, { 'if-match': '"0"' })
  expect(first.status).toBe(200)
  const late = await put('cid', { ...DEFAULT_RULES, threshold: 7 }, { 'if-match': '"0"' })
  expect(late).toMatchObject({ status: 412, body: { code: 'version.mismatch' } })
  const all = await Promise.all(
    [8, 9, 10].map(threshold => put('cid', { ...DEFAULT_RULES, threshold }, { 'if-match': '"1"' })),
  )
  expect(all.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412, 412])
})

test.each([
  ['unknown fields', { ...DEFAULT_RULES, extra: 1 }],
  ['a missing weight', { ...DEFAULT_RULES, weights: { marker: 1 } }],
  ['a threshold below zero', { ...DEFAULT_RULES, threshold: -1 }],
  ['more picks than an hour holds', { ...DEFAULT_RULES, picks_per_hour_max: 1e9 }],
])('%s are refused', async (_, body) => {
  expect(await put('dan', body)).toMatchObject({ status: 422, body: { code: 'request.invalid' } })
})

test('rules are for creators', async () => {
  expect((await clips.service.asUser(clips.app, 'vera', ['viewer'])('/v1/clip-rules')).status).toBe(403)
  expect((await clips.service.asNobody(clips.app)('/v1/clip-rules')).status).toBe(401)
})

test('the colon of :simulate is part of the path and no parameter', async () => {
  const body = { stream_id: 'strm_nothing' }
  expect(await call('ann', '/v1/clip-rules:simulate', { body })).toMatchObject({
    status: 404,
    body: { code: 'resource.missing' },
  })
  for (const path of ['/v1/clip-rules:other', '/v1/clip-rules/x', '/v1/clip-rulesx']) {
    const answer = await call('ann', path, { body })
    expect([path, answer.status]).toEqual([path, 404])
    expect(answer.body).not.toHaveProperty('param')
  }
})
