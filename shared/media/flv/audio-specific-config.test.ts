import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAudioSpecificConfig } from './audio-specific-config.ts'
import { FlvError } from './flv-error.ts'

test('AAC-LC, HE-AAC and an explicit sample rate are read', () => {
  expect(readAudioSpecificConfig(Uint8Array.of(0x11, 0x90))).toEqual({ objectType: 2, sampleRate: 48_000, channels: 2 })
  expect(readAudioSpecificConfig(Uint8Array.of(0x12, 0x08))).toEqual({ objectType: 2, sampleRate: 44_100, channels: 1 })
  expect(readAudioSpecificConfig(Uint8Array.of(0x2b, 0x11, 0x88, 0))).toMatchObject({
    objectType: 2,
    sampleRate: 24_000,
  })
  // 00010 1111 000000001011101110000000 0010: object type 2, rate escaped, two channels.
  expect(readAudioSpecificConfig(Uint8Array.of(0x17, 0x80, 0x5d, 0xc0, 0x10))).toMatchObject({ sampleRate: 48_000 })
})

test('noise gives a believable configuration or an FlvError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), bytes => {
      try {
        const { sampleRate, channels } = readAudioSpecificConfig(bytes)
        expect(sampleRate >= 7_000 && sampleRate <= 96_000 && channels >= 1 && channels <= 8).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(FlvError)
      }
    }),
  )
})
