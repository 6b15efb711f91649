import { expect, test } from 'vitest'
import { Refusal } from '#shared/domain/refusal.ts'
import { readFfprobeReport } from './read-ffprobe-report.ts'

const video = {
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  width: 640,
  height: 360,
  avg_frame_rate: '30000/1001',
}

function report(...streams: object[]): string {
  return JSON.stringify({ streams, format: { duration: '2.5' } })
}

test('streams are read with their numbers', () => {
  const audio = { index: 1, codec_type: 'audio', codec_name: 'aac', sample_rate: '48000', channels: 2, duration: '2.5' }
  const data = { index: 2, codec_type: 'data' }
  expect(readFfprobeReport(report(video, audio, data))).toEqual({
    durationS: 2.5,
    streams: [
      { index: 0, kind: 'video', codec: 'h264', width: 640, height: 360, fps: 30_000 / 1001, durationS: undefined },
      { index: 1, kind: 'audio', codec: 'aac', sampleRate: 48_000, channels: 2, durationS: 2.5 },
    ],
  })
})

test.each([
  ['a picture of 0 × 0', report({ ...video, width: 0 })],
  ['an unknown codec', report({ ...video, codec_name: 'unknown' })],
  ['sound without a rate', report({ index: 0, codec_type: 'audio', codec_name: 'aac', sample_rate: '0', channels: 0 })],
  ['nothing but data', report({ index: 0, codec_type: 'data' })],
  ['no report at all', '{'],
])('%s is rejected although ffprobe was content', (_, json) => {
  expect(() => readFfprobeReport(json)).toThrow(Refusal)
})
