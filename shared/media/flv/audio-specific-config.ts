import { FlvError } from './flv-error.ts'
import { BitReader } from '../avc/bit-reader.ts'

const SAMPLE_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350] as const
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8] as const
const SPECTRAL_BAND_REPLICATION = 5
const PARAMETRIC_STEREO = 29

export type AudioSpecificConfig = { objectType: number; sampleRate: number; channels: number }

/** Reads an AudioSpecificConfig (ISO/IEC 14496-3 1.6.2.1); `sampleRate` is the core's, in Hz. Throws `FlvError`. */
export function readAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig {
  const bits = new BitReader(bytes)
  const objectType = readObjectType(bits)
  const sampleRate = readSampleRate(bits)
  const layout = bits.read(4)
  if (bits.exhausted) throw new FlvError('The AAC configuration is cut short.')
  // Layout 0 means a program config element, which only multi-channel studio encoders write; the decoder finds out.
  const channels = layout === 0 ? 2 : CHANNELS[layout]
  if (channels === undefined || sampleRate < 7_000 || sampleRate > 96_000) {
    throw new FlvError('The AAC configuration names no known sample rate or channel layout.')
  }
  const parametric = objectType === PARAMETRIC_STEREO
  const core = objectType === SPECTRAL_BAND_REPLICATION || parametric ? 2 : objectType
  return { objectType: core, sampleRate, channels: parametric ? 2 : channels }
}

function readObjectType(bits: BitReader): number {
  const type = bits.read(5)
  return type === 31 ? 32 + bits.read(6) : type
}

function readSampleRate(bits: BitReader): number {
  const index = bits.read(4)
  return index === 15 ? bits.read(24) : (SAMPLE_RATES[index] ?? 0)
}
