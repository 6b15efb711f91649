import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pinnedInput, type Container } from '#shared/media/ffmpeg-arguments/pinned-input.ts'
import type { Sandbox } from './detect-sandbox.ts'
import { probeMedia } from './probe-media.ts'
import { runSandboxed } from './run-sandboxed.ts'

/** Newest part of ffmpeg's log that an error carries. */
const LOG_CHARACTERS = 600

export type TranscodeFileOptions = {
  sandbox: Sandbox
  input: string
  /** The container the input is known to be. */
  container: Container
  output: string
  /** Everything between the input and the output: codecs, filters, `-f`. */
  args: readonly string[]
  timeoutMs: number
  nice?: number | undefined
  signal?: AbortSignal | undefined
}

/**
 * Makes one file from another with ffmpeg. The output appears whole and readable or not at all; an earlier one is
 * replaced. Throws an `Error` with the end of ffmpeg's log, or the refusal `media.rejected`.
 */
export async function transcodeFile(options: TranscodeFileOptions): Promise<void> {
  const { input, output } = options
  const unfinished = `.${basename(output)}.unfinished`
  const run = await runSandboxed({
    ...options,
    tool: 'ffmpeg',
    inDirectory: dirname(input),
    outDirectory: dirname(output),
    args: paths =>
      [
        ['-hide_banner', '-nostats', '-nostdin', '-loglevel', 'warning', '-y'],
        pinnedInput(options.container, join(paths.in, basename(input))),
        options.args,
        [join(paths.out, unfinished)],
      ].flat(),
  })
  const made = join(dirname(output), unfinished)
  const size = run.code === 0 ? (await stat(made)).size : 0
  if (size === 0) {
    await rm(made, { force: true })
    const why = run.stopped ?? `exit ${run.code ?? run.signal}`
    throw new Error(`ffmpeg made no ${basename(output)} (${why}): ${run.stderrTail.slice(-LOG_CHARACTERS)}`)
  }
  try {
    await probeMedia(options.sandbox, { path: made }, { signal: options.signal })
  } catch (error) {
    await rm(made, { force: true })
    throw error
  }
  await rename(made, output)
}
