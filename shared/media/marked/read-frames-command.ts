import { type MediaCommand, pinnedFile } from '../ffmpeg-arguments/media-command.ts'
import type { Container } from '../ffmpeg-arguments/pinned-input.ts'
import { CODE_COLUMNS, CODE_STRIP_SHARE, decodeFrameNumber } from './frame-clock.ts'

const ROWS = 2

/** One run of ffmpeg that writes the code strip of every picture as raw gray. */
export function readFramesCommand(container: Container, input: string, longestS: number, output: string): MediaCommand {
  const strip = `crop=iw:ih*${CODE_STRIP_SHARE / 2}:0:ih*${CODE_STRIP_SHARE / 4}`
  return {
    inputs: [pinnedFile(container, input, longestS)],
    filter: `[0:v:0]${strip},scale=${CODE_COLUMNS}:${ROWS}:flags=area,format=gray[code]`,
    outputs: [{ path: output, options: ['-map', '[code]', '-fps_mode', 'passthrough', '-f', 'rawvideo'] }],
  }
}

/** The numbers in raw code strips, one a picture; undefined where no whole code is in it. */
export function frameNumbers(strips: Uint8Array): (number | undefined)[] {
  const bytes = ROWS * CODE_COLUMNS
  return Array.from({ length: Math.floor(strips.length / bytes) }, (_, picture) =>
    decodeFrameNumber(strips.subarray(picture * bytes, picture * bytes + CODE_COLUMNS)),
  )
}
