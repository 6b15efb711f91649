import { expect, test } from 'vitest'
import { eventually } from '#test/helpers/eventually.ts'
import { planeRig, SETTINGS } from '#test/helpers/plane-rig.ts'
import { admitPublisher } from './admit-publisher.ts'
import { coreBudget } from './core-budget.ts'
import { keyLockout } from './key-lockout.ts'

async function door(budget = coreBudget(2)) {
  const rig = await planeRig()
  const drain = new AbortController()
  const { records, leases, keys, live, now, log } = rig
  const admit = admitPublisher({
    records,
    leases,
    keys,
    shows: live,
    budget,
    lockout: keyLockout(now),
    drain: drain.signal,
    now,
    log,
  })
  const { ref } = await records.create('channel-token', SETTINGS)
  const { keyRef, secret } = await records.createKey(ref, 'key-token')
  const reason = async (key: string, address = '10.0.0.1') => {
    const decision = await admit(key, address)
    return 'reason' in decision ? decision.reason : 'admitted'
  }
  return { rig, admit, reason, ref, keyRef, secret, drain, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() }
}

test('the right key opens its channel and every other one is unknown', async () => {
  await using at = await door()
  expect(await at.admit(at.secret, '10.0.0.1')).toEqual({ channelRef: at.ref, keyRef: at.keyRef })
  const wrong = at.secret.slice(0, -1) + (at.secret.endsWith('a') ? 'b' : 'a')
  for (const key of [wrong, '', 'live', `${at.ref}_`, `pchn_${'a'.repeat(26)}_${'a'.repeat(32)}`, '../../etc/passwd']) {
    expect(await at.reason(key, '10.0.0.2')).toBe('unknown-key')
  }
})

test('an address that guesses is locked out, others are not, and silence opens again', async () => {
  await using at = await door()
  for (let guess = 0; guess < 10; guess += 1) expect(await at.reason(`guess-${guess}`, '6.6.6.6')).toBe('unknown-key')
  expect(await at.reason(at.secret, '6.6.6.6')).toBe('locked-out')
  expect(await at.reason(at.secret, '10.0.0.1')).toBe('admitted')
  at.rig.clock.ms += 61_000
  expect(await at.reason(at.secret, '6.6.6.6')).toBe('admitted')
})

test('an ended key, a disabled channel, a full machine and a draining process are refused', async () => {
  await using at = await door()
  at.drain.abort()
  expect(await at.reason(at.secret)).toBe('draining')

  const budget = coreBudget(1)
  budget.book('another', 0.75)
  await using full = await door(budget)
  expect(await full.reason(full.secret)).toBe('at-capacity')

  await using ended = await door()
  await ended.rig.records.update(ended.ref, { ...SETTINGS, enabled: false })
  expect(await ended.reason(ended.secret)).toBe('disabled')
  await ended.rig.records.expireKey(ended.ref, ended.keyRef, ended.rig.clock.ms)
  expect(await ended.reason(ended.secret)).toBe('unknown-key')
})

test('a live channel is refused, but an encoder whose connection died takes its own over', async () => {
  await using at = await door()
  const { rig, ref, keyRef } = at
  const publisher = rig.publisher(ref, keyRef)
  const connectedMs = rig.clock.ms
  void rig.live.publish({ ...publisher.publication, received: () => ({ bytes: 1, lastAtMs: connectedMs }) })
  await eventually(() => expect(rig.encoders).toHaveLength(1))
  expect(await at.reason(at.secret)).toBe('already-live')
  rig.clock.ms += 3_500
  expect(await at.reason(at.secret)).toBe('admitted')
  expect(publisher.dropped()).toContain('took over')
})
