import { expect, test } from 'vitest'
import { planeRig } from '#test/helpers/plane-rig.ts'
import type { PeerAddress } from './channel-leases.ts'
import { showPlaces } from './show-places.ts'

const ONE: PeerAddress = { plane: 'http://10.0.0.1:8082', media: 'http://10.0.0.1:8081' }
const TWO: PeerAddress = { plane: 'http://10.0.0.2:8082', media: 'http://10.0.0.2:8081' }

test('a show is found by its id and its channel’s where its lease says it is, until it is over', async () => {
  await using rig = await planeRig()
  const holders = new Map<string, PeerAddress>([['pchn_a', ONE]])
  const places = showPlaces({ store: rig.store, leases: { holder: async ref => holders.get(ref) }, now: rig.now })
  expect(await places.of('play_show')).toBeUndefined()
  await places.tell('pchn_a', 'play_show', 'play_channel')
  await places.tell('pchn_b', 'play_other', 'play_elsewhere')
  rig.clock.ms += 1_001
  expect(await places.of('play_show')).toEqual(ONE)
  expect(await places.of('play_channel')).toEqual(ONE)
  expect(await places.of('play_other'), 'on the air here').toBeUndefined()
  expect([...(await places.channels())].toSorted()).toEqual(['pchn_a', 'pchn_b'])
  holders.set('pchn_b', TWO)
  expect(await places.everywhere()).toEqual([ONE, TWO])

  holders.set('pchn_a', TWO)
  expect(await places.of('play_show'), 'the answer of this second').toEqual(ONE)
  rig.clock.ms += 1_001
  expect(await places.of('play_show')).toEqual(TWO)
  expect(await places.everywhere()).toEqual([TWO])

  await places.forget('pchn_a', 'play_show')
  rig.clock.ms += 1_001
  expect(await places.of('play_show')).toBeUndefined()
  expect(await places.channels()).toEqual(['pchn_b'])
})
