/** A beep starts with every whole second of marked media and lasts this long, in s. */
const BEEP_S = 0.06
/** Beeps of neighbouring seconds differ in pitch; the pitches come round after this many seconds. */
const BEEP_PITCHES = 8

const SAMPLE_RATE = 48_000
const PITCH_LOWEST_HZ = 600
const PITCH_STEP_HZ = 200
/** Samples looked at together: 5 ms. */
const STEP_SAMPLES = 240
/** Loudness (RMS) that is a beep and not the encoder's noise. */
const LOUD = 0.1

/** One beep found in sound: when it starts (s) and the second it stands for, modulo `BEEP_PITCHES`. */
export type Beep = { atS: number; pitch: number }

function beepHz(pitch: number): number {
  return PITCH_LOWEST_HZ + PITCH_STEP_HZ * (pitch % BEEP_PITCHES)
}

/** The beeps as an expression of ffmpeg's aevalsrc. */
export function beepExpression(): string {
  const pitch = `(${PITCH_LOWEST_HZ}+${PITCH_STEP_HZ}*mod(floor(t),${BEEP_PITCHES}))`
  return `if(lt(mod(t,1),${BEEP_S}),0.6*sin(2*PI*${pitch}*mod(t,1)),0)`
}

function loudness(samples: Float32Array, from: number, length: number): number {
  let sum = 0
  for (let index = from; index < from + length; index += 1) sum += (samples[index] ?? 0) ** 2
  return Math.sqrt(sum / length)
}

/** Energy at one frequency (Goertzel). */
function energyAt(samples: Float32Array, from: number, length: number, hz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE)
  let [last, before] = [0, 0]
  for (let index = from; index < from + length; index += 1) {
    const now = (samples[index] ?? 0) + factor * last - before
    before = last
    last = now
  }
  return last ** 2 + before ** 2 - factor * last * before
}

function pitchOf(samples: Float32Array, from: number): number {
  const length = Math.round(BEEP_S * 0.7 * SAMPLE_RATE)
  const energies = Array.from({ length: BEEP_PITCHES }, (_, pitch) => energyAt(samples, from, length, beepHz(pitch)))
  return energies.indexOf(Math.max(...energies))
}

/** First sample of the loud step that is itself loud: exact to a fraction of a millisecond. */
function onset(samples: Float32Array, from: number): number {
  for (let index = Math.max(0, from - STEP_SAMPLES); index < from + STEP_SAMPLES; index += 1) {
    if (Math.abs(samples[index] ?? 0) > LOUD) return index
  }
  return from
}

/** The beeps of mono 48 kHz samples, in order; one that began before the first sample is left out. */
export function findBeeps(sound: { startS: number; samples: Float32Array }): Beep[] {
  const { samples, startS } = sound
  const beeps: Beep[] = []
  let quiet = false
  for (let from = 0; from + STEP_SAMPLES <= samples.length; from += STEP_SAMPLES) {
    const loud = loudness(samples, from, STEP_SAMPLES) > LOUD
    if (loud && quiet) {
      const start = onset(samples, from)
      beeps.push({ atS: startS + start / SAMPLE_RATE, pitch: pitchOf(samples, start) })
    }
    quiet = !loud
  }
  return beeps
}
