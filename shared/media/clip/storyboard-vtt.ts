import type { Filmstrip } from './filmstrip.ts'

/** The strip as WebVTT: each cue names the picture of its time as `<uri>#xywh=…`, the form players read for previews. */
export function storyboardVtt(strip: Filmstrip, durationS: number, uri: string): string {
  const cues = Array.from({ length: strip.frames }, (_, index) => {
    const startS = index * strip.everyS
    const endS = index === strip.frames - 1 ? durationS : (index + 1) * strip.everyS
    const x = (index % strip.columns) * strip.width
    const y = Math.floor(index / strip.columns) * strip.height
    return `${timestamp(startS)} --> ${timestamp(endS)}\n${uri}#xywh=${x},${y},${strip.width},${strip.height}\n`
  })
  return ['WEBVTT\n', ...cues].join('\n')
}

/** `hh:mm:ss.ttt` (WebVTT 3.3). */
function timestamp(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const rest = String(ms % 1000).padStart(3, '0')
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}.${rest}`
}
