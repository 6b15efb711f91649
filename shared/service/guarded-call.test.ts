import { expect, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { guardedCall } from './guarded-call.ts'

const away = () => Promise.reject(new TypeError('fetch failed'))

test('a call that fails now and then succeeds in the end', async () => {
  let calls = 0
  const call = guardedCall({ name: 'the plane', timeoutMs: 1_000, retries: 3 })
  expect(await call(() => (++calls < 3 ? away() : Promise.resolve('ok')))).toBe('ok')
  expect(calls).toBe(3)
})

test('what stays away becomes service.unavailable with a time to come back', async () => {
  let calls = 0
  const call = guardedCall({ name: 'the plane', timeoutMs: 1_000, retries: 2 })
  await expect(call(() => (++calls, away()))).rejects.toMatchObject({
    code: 'service.unavailable',
    message: 'For now the plane cannot be reached.',
    retryAfterS: 2,
  })
  expect(calls).toBe(3)
})

test('a refusal that would stay the same passes through at once', async () => {
  let calls = 0
  const call = guardedCall({
    name: 'the plane',
    timeoutMs: 1_000,
    retries: 3,
    breaker: { failures: 1, openMs: 60_000 },
  })
  const missing = () => (++calls, Promise.reject(new Refusal('resource.missing', { detail: 'no' })))
  await expect(call(missing)).rejects.toMatchObject({ code: 'resource.missing' })
  await expect(call(missing)).rejects.toMatchObject({ code: 'resource.missing' })
  expect(calls).toBe(2)
})

test('an attempt that takes too long is aborted', async () => {
  let aborted = false
  const call = guardedCall({ name: 'the plane', timeoutMs: 50, retries: 0 })
  const hang = (signal: AbortSignal) =>
    new Promise<never>(() => signal.addEventListener('abort', () => (aborted = true), { once: true }))
  await expect(call(hang)).rejects.toMatchObject({ code: 'service.unavailable' })
  expect(aborted).toBe(true)
})

test('after too many failures no call is made until the breaker half opens', async () => {
  let calls = 0
  const call = guardedCall({
    name: 'the plane',
    timeoutMs: 1_000,
    retries: 0,
    breaker: { failures: 3, openMs: 60_000 },
  })
  for (let index = 0; index < 10; index += 1) {
    await expect(call(() => (++calls, away()))).rejects.toMatchObject({ code: 'service.unavailable', retryAfterS: 60 })
  }
  expect(calls).toBe(3)
})

test('a caller that gives up gets its own reason', async () => {
  const given = AbortSignal.abort(new Error('the client went away'))
  const call = guardedCall({ name: 'the plane', timeoutMs: 1_000, retries: 5 })
  await expect(call(away, given)).rejects.toThrow('the client went away')
})
