import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A system program, and the package that brings it on Debian and on macOS. */
export type Program = { command: string; debian: string; brew?: string; why: string; optional?: boolean }

const FFMPEG = { command: 'ffmpeg', debian: 'ffmpeg', brew: 'ffmpeg', why: 'encodes live shows' }
const FFPROBE = { command: 'ffprobe', debian: 'ffmpeg', brew: 'ffmpeg', why: 'checks what was encoded' }
const SRT = {
  command: 'srt-live-transmit',
  debian: 'srt-tools',
  brew: 'srt',
  why: 'takes SRT publishers',
  optional: true,
}
const BUBBLEWRAP = { command: 'bwrap', debian: 'bubblewrap', why: 'isolates ffmpeg (Linux)', optional: true }
const CHROMIUM = { command: 'chromium', debian: 'chromium', why: 'plays the pages in the browser tests' }

export const PROGRAMS_TO_RUN: readonly Program[] = [FFMPEG, FFPROBE, SRT, BUBBLEWRAP]
export const PROGRAMS_TO_TEST: readonly Program[] = [...PROGRAMS_TO_RUN, CHROMIUM]

/** Longest an installation may take, in ms. */
const INSTALL_MS_MAX = 300_000

/** A program is needed, absent, and could not be installed; the message holds the one command to type. */
export class ProvisionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProvisionError'
  }
}

/** Where the command lies on PATH, if anywhere. */
export function findProgram(command: string, path = process.env['PATH'] ?? ''): string | undefined {
  return path
    .split(delimiter)
    .filter(directory => directory !== '')
    .map(directory => join(directory, command))
    .find(file => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** The one command that installs the programs on this platform. */
export function installCommand(programs: readonly Program[], platform: NodeJS.Platform = process.platform): string {
  if (platform === 'darwin') {
    return `brew install ${[...new Set(programs.flatMap(({ brew }) => brew ?? []))].join(' ')}`
  }
  return `sudo apt-get update && sudo apt-get install -y ${[...new Set(programs.map(({ debian }) => debian))].join(' ')}`
}

function installWithApt(programs: readonly Program[]): void {
  const packages = [...new Set(programs.map(({ debian }) => debian))]
  const options = {
    stdio: 'ignore',
    timeout: INSTALL_MS_MAX,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const
  spawnSync('apt-get', ['update', '-qq'], options)
  spawnSync('apt-get', ['install', '-y', '-qq', ...packages], options)
}

/**
 * Sees to it that the programs are there: installs them with apt where it may (root on Debian), else throws
 * `ProvisionError` with the command to type. Optional ones that stay absent are given back for a warning.
 */
export async function provision(programs: readonly Program[]): Promise<readonly Program[]> {
  const absent = () => programs.filter(({ command }) => findProgram(command) === undefined)
  if (absent().length === 0) return []
  if (process.getuid?.() === 0 && findProgram('apt-get') !== undefined) {
    process.stdout.write(
      `Installing ${absent()
        .map(({ command }) => command)
        .join(', ')} with apt …\n`,
    )
    installWithApt(absent())
  }
  const needed = absent().filter(({ optional }) => optional !== true)
  if (needed.length > 0) {
    const names = needed.map(({ command, why }) => `${command} (${why})`).join(', ')
    throw new ProvisionError(`This machine lacks ${names}. Type: ${installCommand(needed)}`)
  }
  return absent()
}
