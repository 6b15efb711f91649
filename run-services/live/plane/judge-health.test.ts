import { expect, test } from 'vitest'
import { FACTS } from '#test/helpers/plane-rig.ts'
import type { HealthFacts } from './judge-health.ts'
import { judgeHealth } from './judge-health.ts'

const WELL: HealthFacts = {
  nowMs: 100_000,
  state: 'live',
  waitingUntilMs: undefined,
  connectedAtMs: 50_000,
  media: FACTS,
  bitrateKbps: 2_800,
  fps: 30,
  gopS: 2,
  newestFrameAtMs: 99_990,
  waitingMs: 0,
  lastArrivalAtMs: 99_990,
  edgeMs: 99_500,
  renditions: ['720p', '480p'],
  omitted: [],
  encoderRestarts: 0,
  droppedGops: 0,
  storageTrouble: undefined,
}

test('a show that arrives in full is good and says what arrives', () => {
  const health = judgeHealth(WELL)
  expect(health).toMatchObject({ level: 'good', lag_ms: 490, bitrate_kbps: 2800, gop_s: 2 })
  expect(health.sentence).toBe('All is well: 720p at 30 frames a second arrives in full.')
})

test.each<[string, Partial<HealthFacts>, string, string]>([
  ['long key frame distances', { gopS: 10 }, 'fair', '10 s key frames; set 2 s'],
  ['left out rungs', { omitted: ['720p'], renditions: ['480p'] }, 'fair', '720p is left out, viewers get 480p'],
  ['missing frames', { fps: 17 }, 'fair', '17 of 30 frames'],
  ['no sound', { media: { ...FACTS, audio: null } }, 'fair', 'no sound'],
  ['left out pictures', { droppedGops: 2 }, 'fair', 'too slow'],
  ['an encoder restart', { encoderRestarts: 1 }, 'fair', 'restarted once'],
  ['silence', { lastArrivalAtMs: 95_000 }, 'bad', 'for 5 s; check your connection'],
  ['lag', { edgeMs: 90_000 }, 'bad', '10 s behind'],
  ['an encoder that does not keep up', { waitingMs: 7_000 }, 'bad', '7 s behind'],
  ['storage trouble over everything', { storageTrouble: 'The disk is full.', gopS: 10 }, 'bad', 'The disk is full.'],
  ['a waiting show', { state: 'waiting', waitingUntilMs: 130_000 }, 'offline', 'until 00:02:10 UTC'],
])('%s: the level and one sentence that says what to do', (_, facts, level, words) => {
  const health = judgeHealth({ ...WELL, ...facts })
  expect(health.level).toBe(level)
  expect(health.sentence).toContain(words)
})
