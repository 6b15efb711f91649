import { type MediaCommand, nowhere, pinnedFile } from '../ffmpeg-arguments/media-command.ts'
import { type Filmstrip, filmstripFilters } from './filmstrip.ts'
import { grayFilters } from './look-command.ts'

/** A stretch of recording as files: one track of pictures and, where there is one, of sound. */
export type MeasuredStretch = {
  video: string
  audio: string | undefined
  durationS: number
  strip: Filmstrip
  hz: number
}

/** Files that the run writes. */
export type MeasuredFiles = { gray: string; loudness: string; strip: string }

const SLACK_S = 1

/** One pass over a stretch: small gray pictures `hz` a second, momentary loudness as text, and the sheet of pictures. */
export function measureCommand(stretch: MeasuredStretch, files: MeasuredFiles): MediaCommand {
  const { video, audio, durationS, strip, hz } = stretch
  const still = ['-map', '[strip]', '-fps_mode', 'passthrough', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '4']
  const pictures = [
    '[0:v:0]split=2[gray-in][strip-in]',
    `[gray-in]${grayFilters(hz)}[gray]`,
    `[strip-in]${filmstripFilters(strip)}[strip]`,
  ]
  const level = `aformat=channel_layouts=stereo,aresample=48000,ebur128=metadata=1`
  const sound = `[1:a:0]${level},ametadata=mode=print:key=lavfi.r128.M:file=${files.loudness}[sound]`
  return {
    inputs: [video, ...(audio === undefined ? [] : [audio])].map(path =>
      pinnedFile('mov', path, durationS + SLACK_S, ['-skip_loop_filter', 'all']),
    ),
    filter: [...pictures, ...(audio === undefined ? [] : [sound])].join(';'),
    outputs: [
      { path: files.gray, options: ['-map', '[gray]', '-fps_mode', 'passthrough', '-f', 'rawvideo'] },
      { path: files.strip, options: [...still, '-f', 'image2', '-update', '1'] },
      ...(audio === undefined ? [] : [nowhere('sound')]),
    ],
  }
}
