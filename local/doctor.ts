/** `npm run doctor`: what this machine can and cannot do, and the command that fixes it. */
import { execFileSync } from 'node:child_process'
import { statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { findProgram, installCommand, type Program, PROGRAMS_TO_TEST } from './provision.ts'
import { localSettings } from './settings.ts'
import { isPortFree } from './supervisor/free-port.ts'

type Finding = { mark: '✔' | '!' | '✘'; what: string; fix?: string }

const GIB = 2 ** 30
/** The live encoder's constant frame rate needs an option that came with this version. */
const FFMPEG_MAJOR_MIN = 5
const FREE_GIB_MIN = 2
const MEMORY_GIB_MIN = 2

function program({ command, why, optional, ...rest }: Program): Finding {
  const path = findProgram(command)
  if (path !== undefined) return { mark: '✔', what: `${command}: ${path}` }
  const fix = installCommand([{ command, why, ...rest }])
  return { mark: optional === true ? '!' : '✘', what: `${command} is missing; it ${why}`, fix }
}

function ffmpegVersion(): Finding[] {
  if (findProgram('ffmpeg') === undefined) return []
  const version = /version n?(\d+)[.\d]*/u.exec(execFileSync('ffmpeg', ['-version'], { encoding: 'utf8' }))
  const major = Number(version?.[1] ?? FFMPEG_MAJOR_MIN)
  if (major >= FFMPEG_MAJOR_MIN) return [{ mark: '✔', what: `ffmpeg ${version?.[0] ?? 'of unknown version'}` }]
  return [
    {
      mark: '✘',
      what: `ffmpeg ${major} is too old; live shows need ${FFMPEG_MAJOR_MIN} or newer`,
      fix: 'sudo apt-get install -y ffmpeg',
    },
  ]
}

async function sandbox(): Promise<Finding> {
  try {
    const { level, sentence } = await detectSandbox()
    const fix =
      'sudo apt-get install -y bubblewrap; in a container allow user namespaces (Ubuntu: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0)'
    return level === 2
      ? { mark: '✔', what: `sandbox level 2. ${sentence}` }
      : { mark: '!', what: `sandbox level ${level}. ${sentence}`, fix }
  } catch (error) {
    return { mark: '✘', what: error instanceof Error ? error.message : String(error) }
  }
}

async function port(variable: string, number: number): Promise<Finding> {
  if (await isPortFree(number)) return { mark: '✔', what: `port ${number} is free (${variable})` }
  return { mark: '✘', what: `port ${number} is in use (${variable})`, fix: `${variable}=${number + 1000} npm start` }
}

function room(): Finding[] {
  const { bavail, bsize } = statfsSync('.')
  const free = Math.round((bavail * bsize) / GIB)
  const memory = Math.round(totalmem() / GIB)
  return [
    { mark: free >= FREE_GIB_MIN ? '✔' : '!', what: `${free} GiB free in ${resolve('.')}` },
    { mark: memory >= MEMORY_GIB_MIN ? '✔' : '!', what: `${memory} GiB of memory, ${availableParallelism()} cores` },
  ]
}

const settings = localSettings.read(process.env)
const findings: Finding[] = [
  { mark: '✔', what: `Node ${process.version}` },
  ...PROGRAMS_TO_TEST.map(program),
  ...ffmpegVersion(),
  await sandbox(),
  await port('PORT', settings.port),
  await port('MEDIA_PORT', settings.mediaPort),
  await port('RTMP_PORT', settings.rtmpPort),
  ...room(),
]
for (const { mark, what, fix } of findings)
  process.stdout.write(`${mark} ${what}${fix === undefined ? '' : `\n    ${fix}`}\n`)
process.exitCode = findings.some(({ mark }) => mark === '✘') ? 1 : 0
