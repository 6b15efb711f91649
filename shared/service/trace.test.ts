import { expect, test } from 'vitest'
import { REQUEST_ID, currentTraceFields, currentTraceparent, inTrace } from './trace.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const INCOMING = `00-${TRACE}-b7ad6b7169203331-01`

test('a trace goes on from what came in, through awaits and inner spans, each with its own id', async () => {
  await inTrace(INCOMING, 'outer', { [REQUEST_ID]: 'req_1' }, async () => {
    const outer = currentTraceparent()
    await Promise.resolve()
    expect(currentTraceparent()).toBe(outer)
    inTrace(undefined, 'inner', {}, () => {
      expect(currentTraceparent()).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`, 'u'))
      expect(currentTraceparent()).not.toBe(outer)
      expect(currentTraceFields()).toEqual({ trace_id: TRACE, request_id: 'req_1' })
    })
    expect(currentTraceparent()).toBe(outer)
  })
  expect(currentTraceparent()).toBeUndefined()
  expect(currentTraceFields()).toEqual({})
})

test.each([
  undefined,
  '',
  'garbage',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-b7ad6b7169203331-01`,
])('%j begins a new trace', text => {
  const here = inTrace(text, 'x', {}, () => currentTraceparent())
  expect(here).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00$/u)
  expect(here).not.toContain(TRACE)
})

test('what fails inside fails outside, alike', async () => {
  expect(() =>
    inTrace(undefined, 'x', {}, () => {
      throw new Error('now')
    }),
  ).toThrow('now')
  await expect(inTrace(undefined, 'x', {}, () => Promise.reject(new Error('later')))).rejects.toThrow('later')
})
