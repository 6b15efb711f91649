import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CLIP_LUFS, gainBetween, loudnessReports, plainGain, trialGains } from './clip-loudness.ts'

const LOG = `frame=  240 fps=0.0 q=-1.0 size=     343kB time=00:00:08.02 bitrate= 350.4kbits/s speed=9.11x
[ebur128@source @ 0x55d54254d8c0] Summary:

  Integrated loudness:
    I:         -20.7 LUFS
    Threshold: -30.8 LUFS

  Loudness range:
    LRA:         2.9 LU
    Threshold: -40.8 LUFS
    LRA low:   -22.7 LUFS
    LRA high:  -19.8 LUFS

  True peak:
    Peak:       -4.3 dBFS
[ebur128@trial0 @ 0x55d54254d8c0] Summary:

  Integrated loudness:
    I:         -70.0 LUFS
    Threshold:   0.0 LUFS

  True peak:
    Peak:       -inf dBFS
[libx264 @ 0x1] frame I:5     Avg QP:18.10
`

test('every meter of a log is read by its name', () => {
  expect([...loudnessReports(LOG)]).toEqual([
    ['source', { lufs: -20.7, peakDb: -4.3 }],
    ['trial0', { lufs: -70, peakDb: undefined }],
  ])
  expect(loudnessReports('[ebur128@x @ 0x1] Summary:\n\n I: nan LUFS').size).toBe(0)
})

test('the plain gain is the distance to the target; silence is left alone, loud peaks ask for trials', () => {
  expect(plainGain({ lufs: -22.5, peakDb: -12 })).toEqual({ gainDb: 6.5, limited: false })
  expect(plainGain({ lufs: -20.7, peakDb: -4.3 })).toMatchObject({ limited: true })
  expect(plainGain({ lufs: -10, peakDb: undefined })).toEqual({ gainDb: -6, limited: false })
  expect(plainGain({ lufs: -70, peakDb: undefined })).toEqual({ gainDb: 0, limited: false })
})

test('between the trials lies the gain that gives the target, whatever the limiter does', () => {
  const limiter = fc.record({
    knee: fc.double({ min: -40, max: 0, noNaN: true }),
    slope: fc.double({ min: 0.3, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(limiter, fc.double({ min: -45, max: -5, noNaN: true }), ({ knee, slope }, lufs) => {
      const out = (gainDb: number) => Math.min(lufs + gainDb, knee + slope * (lufs + gainDb - knee))
      const trials = trialGains(CLIP_LUFS - lufs).map(({ gainDb }) => ({ gainDb, lufs: out(gainDb) }))
      const gain = gainBetween(trials)
      const highest = trials.at(-1)?.lufs ?? 0
      expect(out(gain)).toBeGreaterThan(Math.min(CLIP_LUFS, highest) - 1)
      expect(out(gain)).toBeLessThan(CLIP_LUFS + 1)
    }),
  )
  expect(gainBetween([])).toBe(0)
})
