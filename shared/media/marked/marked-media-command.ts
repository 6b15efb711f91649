import type { MediaCommand } from '../ffmpeg-arguments/media-command.ts'
import { CODE_COLUMNS, CODE_STRIP_SHARE, encodeFrameNumber } from './frame-clock.ts'
import { beepExpression } from './marked-media-beeps.ts'

/** Shape of media whose frame n carries the number n and whose second k starts with a beep. */
export type MarkedShape = { width: number; height: number; fps: number; seconds: number; gopS: number }

const KBPS_MIN = 400
const ROWS = 2

/** The code strips of that many frames as raw gray pictures, one after the other. */
export function frameStrips(frames: number): Uint8Array {
  const bytes = new Uint8Array(frames * ROWS * CODE_COLUMNS)
  for (let frame = 0; frame < frames; frame += 1) {
    const levels = encodeFrameNumber(frame)
    for (let row = 0; row < ROWS; row += 1) bytes.set(levels, (frame * ROWS + row) * CODE_COLUMNS)
  }
  return bytes
}

/** One run of ffmpeg that writes marked media as FLV, from the code strips at `strips`. */
export function markedMediaCommand(shape: MarkedShape, strips: string, output: string): MediaCommand {
  const { width, height, fps, seconds, gopS } = shape
  const stripHeight = 2 * Math.round((height * CODE_STRIP_SHARE) / 2)
  const gopFrames = String(Math.round(fps * gopS))
  const kbps = `${Math.max(KBPS_MIN, Math.round((width * height * 3) / 1_000))}k`
  const video = ['-c:v', 'libx264', '-preset', 'superfast', '-pix_fmt', 'yuv420p']
  const rate = ['-b:v', kbps, '-maxrate', kbps, '-bufsize', kbps]
  const gop = ['-g', gopFrames, '-keyint_min', gopFrames, '-sc_threshold', '0', '-bf', '0']
  const audio = ['-c:a', 'aac', '-ar', '48000', '-ac', '2', '-b:a', '96k']
  return {
    inputs: [
      {
        path: strips,
        options: ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${CODE_COLUMNS}x${ROWS}`, '-r', String(fps)],
      },
      { path: `testsrc2=size=${width}x${height}:rate=${fps}`, options: ['-f', 'lavfi'] },
      { path: `aevalsrc=exprs='${beepExpression()}':sample_rate=48000`, options: ['-f', 'lavfi'] },
    ],
    filter: `[0]scale=${width}:${stripHeight}:flags=neighbor,format=yuv420p[code];[1][code]overlay=0:0,format=yuv420p[v]`,
    outputs: [
      {
        path: output,
        options: [
          '-map',
          '[v]',
          '-map',
          '2:a',
          '-t',
          String(seconds),
          ...video,
          ...rate,
          ...gop,
          ...audio,
          '-f',
          'flv',
        ],
      },
    ],
  }
}
