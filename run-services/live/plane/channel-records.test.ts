import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { planeRig, SETTINGS } from '#test/helpers/plane-rig.ts'
import { KEYS_PER_CHANNEL_MAX } from './channel-records.ts'

test('the same token gives the same channel, playback id, key and secret, whoever asks', async () => {
  await using one = await planeRig()
  await using other = await planeRig({ directory: one.directory })
  const [first, second] = await Promise.all([one, other].map(rig => rig.records.create('channel-token', SETTINGS)))
  expect(second).toEqual(first)
  const ref = first?.ref ?? ''
  const keys = await Promise.all([one, other, one].map(rig => rig.records.createKey(ref, 'key-token')))
  expect(new Set(keys.map(key => key.secret)).size).toBe(1)
  expect((await one.records.get(ref)).keys).toHaveLength(1)
})

test('no secret lies in the store', async () => {
  await using rig = await planeRig()
  const { ref } = await rig.records.create('channel-token', SETTINGS)
  const { secret } = await rig.records.createKey(ref, 'key-token')
  for await (const { key } of rig.store.list('')) {
    const text = (await rig.spool.read({ key, ref })) ?? ''
    expect(text).not.toContain(secret.split('_').at(-1))
    expect(text).not.toContain('key-token')
  }
  expect(await readFile('run-services/live/plane/stream-key.ts', 'utf8')).toContain('timingSafeEqual')
})

test('a repeated create does not bring a deleted key back', async () => {
  await using rig = await planeRig()
  const { ref } = await rig.records.create('channel-token', SETTINGS)
  const { keyRef, secret } = await rig.records.createKey(ref, 'key-token')
  await rig.records.expireKey(ref, keyRef, rig.clock.ms)
  await rig.records.createKey(ref, 'key-token')
  const { keys } = await rig.records.get(ref)
  expect(rig.keys.match(secret, keys, rig.clock.ms)).toBeUndefined()
})

test('changes of one channel by many at once are all kept, up to the bound', async () => {
  await using rig = await planeRig()
  const { ref } = await rig.records.create('channel-token', SETTINGS)
  const tokens = Array.from({ length: KEYS_PER_CHANNEL_MAX }, (_, index) => `key-token-${index}`)
  await Promise.all(tokens.map(token => rig.records.createKey(ref, token)))
  expect((await rig.records.get(ref)).keys).toHaveLength(KEYS_PER_CHANNEL_MAX)
  await expect(rig.records.createKey(ref, 'one-too-many')).rejects.toThrow('at most')
})

test('a channel that is not there is missing, and deleting it succeeds', async () => {
  await using rig = await planeRig()
  await expect(rig.records.get('pchn_nothing')).rejects.toMatchObject({ code: 'resource.missing' })
  await expect(rig.records.update('../leases/x', SETTINGS)).rejects.toMatchObject({ code: 'resource.missing' })
  await rig.records.remove('pchn_nothing')
})
