/** How well ffmpeg is locked away here. 2: bubblewrap; 1: setpriv and prlimit; 0: a child process like any other. */
export type SandboxLevel = 0 | 1 | 2

export type Tool = 'ffmpeg' | 'ffprobe'

/** Bounds of one run; the kernel holds all but the wall clock. */
export type SandboxLimits = {
  addressSpaceBytes: number
  /** CPU time; absent for live encoders, which run as long as their show. */
  cpuS?: number
  /** Largest file it may write. */
  fileBytes?: number
  openFiles: number
}

export const LIVE_LIMITS: SandboxLimits = { addressSpaceBytes: 2 * 1024 ** 3, openFiles: 64 }

export type SandboxCommandOptions = {
  level: SandboxLevel
  tool: Tool
  args: readonly string[]
  limits: SandboxLimits
  /** Seen as `/in`, read only, at level 2. */
  inDirectory?: string
  /** Seen as `/out` at level 2. */
  outDirectory?: string
  /** 0 for live, 15 for renders. */
  nice?: number | undefined
}

const NOBODY = '65534'

/** The command line that starts a tool locked away; pure, so that what is promised can be read in a test. */
export function sandboxCommand(options: SandboxCommandOptions): [command: string, ...args: string[]] {
  const run: [string, ...string[]] = [options.tool, ...options.args]
  const limited: [string, ...string[]] =
    options.level === 0 ? run : ['prlimit', ...limitArguments(options.limits), '--', ...run]
  const locked: [string, ...string[]] =
    options.level === 2 ? ['bwrap', ...bubblewrapArguments(options), '--', ...limited] : limited
  const bound: [string, ...string[]] =
    options.level === 1 ? ['setpriv', '--pdeathsig', 'KILL', '--no-new-privs', '--', ...locked] : locked
  return options.nice ? ['nice', '-n', String(options.nice), ...bound] : bound
}

function limitArguments(limits: SandboxLimits): string[] {
  return [
    '--core=0',
    `--as=${limits.addressSpaceBytes}`,
    `--nofile=${limits.openFiles}`,
    ...(limits.cpuS === undefined ? [] : [`--cpu=${limits.cpuS}`]),
    ...(limits.fileBytes === undefined ? [] : [`--fsize=${limits.fileBytes}`]),
  ]
}

function bubblewrapArguments(options: SandboxCommandOptions): string[] {
  return [
    ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
    ['--uid', NOBODY, '--gid', NOBODY, '--hostname', 'sandbox'],
    ['--ro-bind', '/usr', '/usr'],
    ['/bin', '/lib', '/lib64'].flatMap(path => ['--ro-bind-try', path, path]),
    // Only what the dynamic linker reads; nothing else of /etc.
    ['/etc/alternatives', '/etc/ld.so.cache'].flatMap(path => ['--ro-bind-try', path, path]),
    ['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ['--setenv', 'PATH', '/usr/local/bin:/usr/bin:/bin', '--setenv', 'LC_ALL', 'C'],
    options.inDirectory ? ['--ro-bind', options.inDirectory, '/in'] : [],
    options.outDirectory ? ['--bind', options.outDirectory, '/out'] : [],
    ['--chdir', '/'],
  ].flat()
}
