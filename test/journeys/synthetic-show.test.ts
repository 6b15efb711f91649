import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CanaryAnswer } from '#run-services/canary/canary-answer.ts'
import { CANARY_HOP_NAMES } from '#shared/domain/canary.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { runSyntheticShow } from '../helpers/run-synthetic-show.ts'

let platform: Platform
let token: string
beforeAll(async () => {
  platform = await startPlatform()
  token = await platform.token('canary', ['creator', 'canary'])
})
afterAll(async () => await platform[Symbol.asyncDispose]())

async function get<Body>(path: string, as = token): Promise<Body> {
  const response = await fetch(`${platform.apiUrl}${path}`, { headers: { authorization: `Bearer ${as}` } })
  return (await response.json()) as Body
}

test('a synthetic show is seen through, every hop of it is timed and kept, and nothing of it stays', async () => {
  const { code, output } = await runSyntheticShow(platform, token)
  const [run] = (await get<{ data: CanaryAnswer[] }>('/v1/canaries')).data
  expect(run?.failure, output).toBe(null)
  const timed = run?.hops.filter(({ ms }) => ms !== null).map(({ name }) => name)
  expect(timed).toEqual([...CANARY_HOP_NAMES])
  for (const name of CANARY_HOP_NAMES) expect(output).toContain(`"hop":"${name}"`)
  // How long a hop takes is the machine's matter; that its budget decides is ours.
  expect([code, run?.state]).toEqual(run?.hops.every(({ held }) => held) ? [0, 'held'] : [1, 'breached'])
  expect((await get<{ data: unknown[] }>('/v1/clips', token)).data).toEqual([])
  const [channel] = (await get<{ data: { id: string }[] }>('/v1/channels')).data
  const keys = await get<{ data: { state: string }[] }>(`/v1/channels/${channel?.id}/stream-keys`)
  expect(keys.data.filter(({ state }) => state === 'active')).toHaveLength(1)
})

test('a hop that does not come ends the show with code 1 and says which, and its shows are nobody’s business', async () => {
  process.kill(await platform.childPid('worker'), 'SIGSTOP')
  const viewer = await platform.token('vera', ['viewer'])
  try {
    const shown: unknown[] = []
    const looking = new AbortController()
    const look = async () => {
      while (!looking.signal.aborted) {
        shown.push(...(await get<{ data: unknown[] }>('/v1/streams?state=live', viewer)).data)
        shown.push(...(await get<{ data: unknown[] }>('/v1/feed', viewer)).data)
      }
    }
    const looked = look()
    const { code, output } = await runSyntheticShow(platform, token, { CANARY_WITHIN_S: '20' })
    looking.abort()
    await looked
    const [run] = (await get<{ data: CanaryAnswer[] }>('/v1/canaries?limit=1')).data
    expect([code, run?.state, run?.failure], output).toEqual([
      1,
      'failed',
      'Every shape of the clip did not come in time.',
    ])
    expect(run?.hops.filter(({ held }) => !held).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['clip-rendered', 'feed']),
    )
    expect(shown).toEqual([])
  } finally {
    process.kill(await platform.childPid('worker'), 'SIGCONT')
  }
})
