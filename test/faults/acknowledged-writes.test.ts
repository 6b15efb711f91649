import { expect, test } from 'vitest'
import { type CreatorClient, creatorClient } from '../helpers/creator-client.ts'
import { eventually } from '../helpers/eventually.ts'
import { type Platform, startPlatform } from '../helpers/platform.ts'
import { seededRandom } from '../helpers/seeded-random.ts'
import { sized } from '../helpers/size.ts'

type Written = { id: string; title: string }

/** Channels one creator may be given here; the product allows a hundred. */
const CHANNELS_A_CREATOR = 50

/** Creates channels until it is told to stop, keeping what was acknowledged; a dead server is part of the game. */
function writer(platform: Platform, name: string) {
  const acknowledged: Written[] = []
  const state = { stopped: false, attempts: 0 }
  const createOne = async (client: CreatorClient, title: string) => {
    const reply = await client.send('POST', '/v1/channels', { title }, { 'idempotency-key': title })
    if (reply.status === 201) acknowledged.push({ id: (reply.body as { id: string }).id, title })
  }
  const run = async () => {
    while (!state.stopped) {
      state.attempts += 1
      const creator = `${name}-${Math.floor(state.attempts / CHANNELS_A_CREATOR)}`
      await creatorClient(platform, creator)
        .then(client => createOne(client, `${name}-${state.attempts}`))
        .catch(() => new Promise(resolve => setImmediate(resolve)))
    }
  }
  const done = run()
  return {
    acknowledged,
    stop: async () => {
      state.stopped = true
      await done
    },
  }
}

test('R1: an acknowledged write is never lost, however often the control plane is killed', async () => {
  const random = seededRandom('R1')
  const kills = sized({ test: 3, prove: 40, full: 1000 })
  await using platform = await startPlatform()
  const client = await creatorClient(platform)
  const writers = [writer(platform, 'first'), writer(platform, 'second')]
  const total = () => writers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)

  for (let kill = 0; kill < kills; kill += 1) {
    const target = total() + random.between(1, 12)
    await eventually(total, count => expect(count).toBeGreaterThanOrEqual(target), { withinMs: 60_000 })
    process.kill(await platform.childPid('control'), 'SIGKILL')
  }
  await eventually(
    () => client.send('GET', '/readyz'),
    ({ status }) => expect(status).toBe(200),
    { withinMs: 60_000 },
  )
  await Promise.all(writers.map(each => each.stop()))

  const written = writers.flatMap(({ acknowledged }) => acknowledged)
  for (const { id, title } of written) {
    const { status, body } = await client.send('GET', `/v1/channels/${id}`)
    expect({ status, title: (body as { title: string }).title }).toEqual({ status: 200, title })
  }
  expect(new Set(written.map(({ id }) => id)).size).toBe(written.length)
})
