import type { AudioDescription, JobSettings, Output } from '@aws-sdk/client-mediaconvert'
import type { EncodeRung, EncodeSpec } from './transcoder.ts'

/** The name that manifests and segments begin with, under the spec's prefix. */
const BASE = 'master'
const BITS = 1_000
const SOUND_RATE = 48_000
const SELECTOR = 'Sound'
/** Room for peaks over the average bit rate. */
const BUFFER_S = 2

/** Where the manifests of a spec's result lie. */
export function manifestsOf({ prefix }: Pick<EncodeSpec, 'prefix'>): { hls: string; dash: string } {
  return { hls: `${prefix}${BASE}.m3u8`, dash: `${prefix}${BASE}.mpd` }
}

/** A job of MediaConvert that makes what the spec says: one CMAF group with both manifests; pure. */
export function mediaconvertJob(spec: EncodeSpec, bucket: string): JobSettings {
  const { audio } = spec
  return {
    TimecodeConfig: { Source: 'ZEROBASED' },
    Inputs: [
      {
        FileInput: `s3://${bucket}/${spec.source}`,
        TimecodeSource: 'ZEROBASED',
        VideoSelector: { Rotate: 'AUTO' },
        ...(audio === undefined ? {} : { AudioSelectors: { [SELECTOR]: { DefaultSelection: 'DEFAULT' } } }),
      },
    ],
    OutputGroups: [
      {
        Name: 'CMAF',
        OutputGroupSettings: {
          Type: 'CMAF_GROUP_SETTINGS',
          CmafGroupSettings: {
            Destination: `s3://${bucket}/${spec.prefix}${BASE}`,
            WriteHlsManifest: 'ENABLED',
            WriteDashManifest: 'ENABLED',
            SegmentControl: 'SEGMENTED_FILES',
            SegmentLength: spec.segmentS,
            SegmentLengthControl: 'EXACT',
            FragmentLength: spec.gopS,
            MinFinalSegmentLength: 0,
            ManifestDurationFormat: 'FLOATING_POINT',
            CodecSpecification: 'RFC_6381',
          },
        },
        Outputs: [...spec.rungs.map(rung => picture(spec, rung)), ...(audio === undefined ? [] : [sound(audio)])],
      },
    ],
  }
}

function picture({ frameRate, gopS }: EncodeSpec, { name, width, height, bitrateKbps }: EncodeRung): Output {
  const bits = bitrateKbps * BITS
  return {
    NameModifier: `_${name}`,
    ContainerSettings: { Container: 'CMFC' },
    VideoDescription: {
      Width: width,
      Height: height,
      ScalingBehavior: 'DEFAULT',
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'QVBR',
          MaxBitrate: bits,
          HrdBufferSize: bits * BUFFER_S,
          QualityTuningLevel: 'SINGLE_PASS_HQ',
          GopSize: gopS,
          GopSizeUnits: 'SECONDS',
          GopClosedCadence: 1,
          // A key frame anywhere else would put the rungs' segments apart.
          SceneChangeDetect: 'DISABLED',
          FramerateControl: 'SPECIFIED',
          FramerateNumerator: frameRate.numerator,
          FramerateDenominator: frameRate.denominator,
          ParControl: 'SPECIFIED',
          ParNumerator: 1,
          ParDenominator: 1,
        },
      },
    },
  }
}

function sound({ bitrateKbps, channels }: NonNullable<EncodeSpec['audio']>): Output {
  const description: AudioDescription = {
    AudioSourceName: SELECTOR,
    CodecSettings: {
      Codec: 'AAC',
      AacSettings: {
        Bitrate: bitrateKbps * BITS,
        CodingMode: channels === 1 ? 'CODING_MODE_1_0' : 'CODING_MODE_2_0',
        SampleRate: SOUND_RATE,
      },
    },
  }
  return {
    NameModifier: '_sound',
    ContainerSettings: { Container: 'CMFC' },
    AudioDescriptions: [description],
  }
}
