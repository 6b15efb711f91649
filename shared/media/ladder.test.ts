import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MediaFacts } from '#shared/domain/provider-event.ts'
import { coresOfPlan, planLadder, type LadderOptions } from './ladder.ts'
import type { LadderPlan } from './ladder-plan.ts'

const ROOMY: LadderOptions = { partMs: 200, cores: 64, coresInUse: 0 }

function facts(width: number, height: number, fps = 30): MediaFacts {
  return { video: { codec: 'h264', width, height, fps }, audio: { codec: 'aac', sample_rate: 44_100, channels: 2 } }
}

function videoOf(plan: LadderPlan): string[] {
  return plan.tracks.flatMap(track => (track.kind === 'video' ? [`${track.name} ${track.width}x${track.height}`] : []))
}

test('a 720p source gives three renditions and one sound', () => {
  const plan = planLadder(facts(1280, 720), ROOMY)
  expect(videoOf(plan)).toEqual(['720p 1280x720', '480p 852x480', '360p 640x360'])
  expect(plan.tracks.at(-1)).toMatchObject({ kind: 'audio', sampleRate: 48_000, channels: 2 })
  expect(plan).toMatchObject({ fps: 30, gopS: 2, partFrames: 6, omitted: [] })
})

test('1080p gives its three best, portrait goes by the short side, sizes between rungs step down', () => {
  expect(videoOf(planLadder(facts(1920, 1080), ROOMY))[0]).toBe('1080p 1920x1080')
  expect(videoOf(planLadder(facts(1080, 1920), ROOMY))).toEqual(['1080p 1080x1920', '720p 720x1280', '480p 480x852'])
  expect(videoOf(planLadder(facts(1024, 576), ROOMY))).toEqual(['480p 852x480', '360p 640x360'])
})

test('a source below every rung keeps its own size, odd sizes lose one line, near misses keep theirs', () => {
  expect(videoOf(planLadder(facts(320, 180), ROOMY))).toEqual(['180p 320x180'])
  expect(videoOf(planLadder(facts(641, 361), ROOMY))).toEqual(['360p 638x360'])
  expect(videoOf(planLadder(facts(1279, 719), ROOMY))[0]).toBe('720p 1278x718')
})

test('without sound there is no audio track', () => {
  expect(planLadder({ ...facts(640, 360), audio: null }, ROOMY).tracks).toHaveLength(1)
})

test('the tables of cores a stream needs come out of the plan', () => {
  const coresOf = (width: number, height: number): number => coresOfPlan(planLadder(facts(width, height), ROOMY))
  expect(coresOf(1280, 720)).toBeCloseTo(0.73, 1)
  expect(coresOf(1920, 1080)).toBeCloseTo(1.27, 1)
})

test('a machine without room starts with fewer rungs and names the missing ones', () => {
  const two = { ...ROOMY, cores: 2 }
  expect(planLadder(facts(1280, 720), { ...two, coresInUse: 0.54 }).omitted).toEqual([])
  expect(planLadder(facts(1280, 720, 60), { ...two, coresInUse: 0.54 }).omitted).toEqual(['720p'])
  expect(videoOf(planLadder(facts(1920, 1080), { ...two, coresInUse: 0.5 }))[0]).toBe('720p 1280x720')
  expect(videoOf(planLadder(facts(1920, 1080), { ...two, coresInUse: 9 }))).toEqual(['360p 640x360'])
})

test('only the rungs that were asked for are made', () => {
  expect(videoOf(planLadder(facts(1280, 720), { ...ROOMY, only: ['720p', '360p'] }))).toEqual([
    '720p 1280x720',
    '360p 640x360',
  ])
})

test('fewer renditions keep the best and the smallest', () => {
  const named = (renditionsMax: number) =>
    planLadder(facts(1280, 720), { ...ROOMY, renditionsMax }).tracks.map(track => track.name)
  expect(named(1)).toEqual(['720p', 'audio'])
  expect(named(2)).toEqual(['720p', '360p', 'audio'])
  expect(named(3)).toEqual(['720p', '480p', '360p', 'audio'])
})

test('parts hold a whole number of frames; without parts a fragment is a group of pictures', () => {
  const framesAt = (fps: number, partMs: number | undefined): number =>
    planLadder(facts(640, 360, fps), { ...ROOMY, partMs }).partFrames
  expect([24, 25, 30, 50, 60].map(fps => framesAt(fps, 200))).toEqual([5, 5, 6, 10, 12])
  expect(framesAt(30, 500)).toBe(15)
  expect(framesAt(30, undefined)).toBe(60)
  expect(framesAt(2, 200)).toBe(1)
})

test('whatever the source: even sides, never upscaled, its shape kept, at most three rungs, at most 60 fps', () => {
  const side = fc.integer({ min: 16, max: 4096 })
  const load = fc.record({
    cores: fc.integer({ min: 1, max: 64 }),
    coresInUse: fc.double({ min: 0, max: 64, noNaN: true }),
  })
  fc.assert(
    fc.property(side, side, fc.double({ min: 1, max: 240, noNaN: true }), load, (width, height, fps, machine) => {
      const plan = planLadder(facts(width, height, fps), { ...machine, partMs: 200 })
      const video = plan.tracks.flatMap(track => (track.kind === 'video' ? [track] : []))
      expect(video.length).toBeGreaterThanOrEqual(1)
      expect(video.length).toBeLessThanOrEqual(3)
      expect(plan.fps).toBeLessThanOrEqual(60)
      for (const track of video) {
        expect((track.width % 2) + (track.height % 2)).toBe(0)
        expect(track.width <= width && track.height <= height).toBe(true)
        expect(Math.abs(track.width - (track.height * width) / height)).toBeLessThanOrEqual(2 + (2 * width) / height)
      }
    }),
  )
})
