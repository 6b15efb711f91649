import type { MediaFacts } from '#shared/domain/provider-event.ts'
import { readAvcConfiguration } from '#shared/media/avc/avc-configuration.ts'
import { AvcError } from '#shared/media/avc/avc-error.ts'
import { readSequenceParameterSet, type SequenceParameterSet } from '#shared/media/avc/sequence-parameter-set.ts'
import { PIXELS_MAX } from '#shared/media/ffmpeg-arguments/pinned-input.ts'
import { readAudioSpecificConfig } from '#shared/media/flv/audio-specific-config.ts'
import { readAudioTag } from '#shared/media/flv/audio-tag.ts'
import { FlvError } from '#shared/media/flv/flv-error.ts'
import type { FlvTag } from '#shared/media/flv/flv-tag.ts'
import { readVideoTag } from '#shared/media/flv/video-tag.ts'
import { sourceFrameRate } from '#shared/media/frame-rate.ts'
import { decodeAmf0, type Amf0Value } from '#shared/media/rtmp/amf0.ts'
import { RtmpError } from '#shared/media/rtmp/rtmp-error.ts'

/** Video that has to pass before its rate and the absence of sound are believed, ms. */
const MEASURE_MS = 450
/** The same for sound that the metadata announced. */
const ANNOUNCED_AUDIO_MS = 2_000
const FRAMES_MIN = 4
const SIDE_MIN = 16
const FPS_UNKNOWN = 30

/** The media is nothing that the ladder takes; the message is a sentence for the publisher. */
export class UnsupportedSource extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnsupportedSource'
  }
}

/** Gathers what a source is from its tags: sequence headers, metadata and the spacing of its frames. */
export class SourceFacts {
  #picture: SequenceParameterSet | undefined
  #audio: MediaFacts['audio'] = null
  #declaredFps: number | undefined
  #audioAnnounced = false
  readonly #frameTimesMs: number[] = []
  #keySeen = false

  /** Whether a key frame with its configuration has come. */
  get startsWithKey(): boolean {
    return this.#keySeen
  }

  /** Video since the first key frame, ms. */
  get spanMs(): number {
    return (this.#frameTimesMs.at(-1) ?? 0) - (this.#frameTimesMs[0] ?? 0)
  }

  get complete(): boolean {
    const audioKnown = this.#audio !== null || this.spanMs >= (this.#audioAnnounced ? ANNOUNCED_AUDIO_MS : MEASURE_MS)
    return this.#keySeen && this.#frameTimesMs.length >= FRAMES_MIN && this.spanMs >= MEASURE_MS && audioKnown
  }

  /** Throws `UnsupportedSource`. */
  add(tag: FlvTag): void {
    if (tag.kind === 'script') this.#addMetadata(tag.body)
    else if (tag.kind === 'video') this.#addVideo(tag)
    else this.#addAudio(tag)
  }

  isConfiguration(tag: FlvTag): boolean {
    if (tag.kind === 'script') return false
    const head = tag.kind === 'video' ? readVideoTag(tag.body) : readAudioTag(tag.body)
    return head?.packet === 'configuration'
  }

  facts(): MediaFacts | undefined {
    const picture = this.#picture
    if (!picture) return undefined
    const fps = sourceFrameRate([picture.fps, this.#declaredFps], this.#frameTimesMs) ?? FPS_UNKNOWN
    return { video: { codec: 'h264', width: picture.width, height: picture.height, fps }, audio: this.#audio }
  }

  #addVideo(tag: FlvTag): void {
    const video = readVideoTag(tag.body)
    if (!video) return
    if (video.codec !== 'H.264') {
      throw new UnsupportedSource(`The video is ${video.codec}; set the encoder to H.264.`)
    }
    if (video.packet === 'configuration') this.#picture = pictureOf(video.data)
    if (video.packet !== 'frame' || !this.#picture) return
    this.#keySeen ||= video.isKey
    if (this.#keySeen) this.#frameTimesMs.push(tag.timestampMs)
  }

  #addAudio(tag: FlvTag): void {
    const audio = readAudioTag(tag.body)
    if (!audio) return
    if (audio.codec !== 'AAC') throw new UnsupportedSource(`The sound is ${audio.codec}; set the encoder to AAC.`)
    if (audio.packet !== 'configuration') return
    try {
      const { sampleRate, channels } = readAudioSpecificConfig(audio.data)
      this.#audio = { codec: 'aac', sample_rate: sampleRate, channels }
    } catch (error) {
      if (error instanceof FlvError) throw new UnsupportedSource(error.message)
      throw error
    }
  }

  #addMetadata(body: Uint8Array): void {
    const [name, values] = metadataOf(body)
    if (name !== 'onMetaData' || typeof values !== 'object' || values === null || Array.isArray(values)) return
    const rate = values['framerate'] ?? values['videoframerate']
    if (typeof rate === 'number') this.#declaredFps = rate
    this.#audioAnnounced ||= values['audiocodecid'] !== undefined && values['audiocodecid'] !== 0
  }
}

function pictureOf(configuration: Uint8Array): SequenceParameterSet {
  try {
    const [set] = readAvcConfiguration(configuration).sequenceSets
    if (!set) throw new AvcError('The H.264 configuration has no sequence parameter set.')
    const picture = readSequenceParameterSet(set)
    const { width, height } = picture
    if (width * height > PIXELS_MAX)
      throw new UnsupportedSource(`The picture is ${width}×${height}; send at most 4096×2304.`)
    if (Math.min(width, height) < SIDE_MIN)
      throw new UnsupportedSource(`The picture is ${width}×${height}; that is too small.`)
    return picture
  } catch (error) {
    if (error instanceof AvcError) throw new UnsupportedSource(error.message)
    throw error
  }
}

/** Metadata is a hint: what cannot be read is as good as none. */
function metadataOf(body: Uint8Array): Amf0Value[] {
  try {
    return decodeAmf0(body)
  } catch (error) {
    if (error instanceof RtmpError) return []
    throw error
  }
}
