import { expect, test } from 'vitest'
import type { LadderPlan } from '../ladder-plan.ts'
import { liveLadder } from './live-ladder.ts'

const PLAN: LadderPlan = {
  fps: 24_000 / 1001,
  gopS: 2,
  partFrames: 5,
  tracks: [
    { kind: 'video', name: '480p', width: 852, height: 480, bitrateKbps: 1200 },
    { kind: 'video', name: '360p', width: 640, height: 360, bitrateKbps: 700 },
    { kind: 'audio', name: 'audio', bitrateKbps: 96, sampleRate: 48_000, channels: 2 },
  ],
  omitted: [],
}

function after(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ''] : []))
}

test('one ffmpeg reads FLV from stdin and writes one pipe a track', () => {
  const args = liveLadder(PLAN)
  expect(after(args, '-i')).toEqual(['pipe:0'])
  expect(args.filter(arg => /^pipe:[^0]/.test(arg))).toEqual(['pipe:3', 'pipe:4', 'pipe:5'])
  expect(after(args, '-map')).toEqual(['[v0]', '[v1]', '0:a:0'])
})

test('the input is pinned: one demuxer, pipes only, bounded pictures', () => {
  const args = liveLadder(PLAN)
  const input = args.slice(0, args.indexOf('-i'))
  expect(after(input, '-f')).toEqual(['flv'])
  expect(after(input, '-format_whitelist')).toEqual(['flv'])
  expect(after(input, '-protocol_whitelist')).toEqual(['pipe'])
  expect(after(input, '-max_pixels')).toEqual(['9437184'])
})

test('key frames go by time and fragments end half a frame before the part', () => {
  const args = liveLadder(PLAN)
  expect(after(args, '-force_key_frames')).toEqual(['expr:gte(t,n_forced*2)', 'expr:gte(t,n_forced*2)'])
  expect(after(args, '-g')).toEqual(['48', '48'])
  expect(after(args, '-r')).toEqual(['24000/1001', '24000/1001'])
  expect(new Set(after(args, '-frag_duration'))).toEqual(new Set(['187687']))
})

test('what is skipped is a whole number of frames, the same for sound and pictures', () => {
  const args = liveLadder(PLAN, { skipMs: 1000 })
  const skipS = (23 * 1001) / 24_000
  expect(after(args, '-filter_complex')[0]).toContain(`trim=start=${skipS.toFixed(6)},`)
  expect(after(args, '-af')[0]).toContain(`atrim=start=${(skipS + 1024 / 48_000).toFixed(6)}`)
})
