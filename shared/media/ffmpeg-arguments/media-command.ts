import { type Container, pinnedInput } from './pinned-input.ts'

/** One run of ffmpeg from files to files, by its parts. */
export type MediaCommand = {
  inputs: readonly MediaFile[]
  /** A filter graph of labelled outputs. */
  filter: string
  outputs: readonly MediaFile[]
}

/** A file and the options before its name. */
export type MediaFile = { path: string; options: readonly string[] }

/** An input that is read by that demuxer and no other, for at most so many seconds. */
export function pinnedFile(
  container: Container,
  path: string,
  longestS: number,
  options: readonly string[] = [],
): MediaFile {
  const [file = path, dash = '-i', ...before] = pinnedInput(container, path).toReversed()
  if (dash !== '-i') throw new Error('The input comes last.')
  return { path: file, options: [...before.toReversed(), ...options, '-t', longestS.toFixed(3)] }
}

/** Where a branch of the graph ends that is only measured. */
export function nowhere(label: string): MediaFile {
  return { path: '-', options: ['-map', `[${label}]`, '-f', 'null'] }
}
