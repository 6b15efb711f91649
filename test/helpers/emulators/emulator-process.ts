import { type ChildProcess, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProgram } from '#local/provision.ts'
import { freePort } from '#local/supervisor/free-port.ts'

/** A server that stands for a cloud's, before it runs. */
export type EmulatorSpec = {
  /** What people call it. */
  name: string
  /** What to type when it is missing, one sentence. */
  install: string
  /** The program and how it is told to listen on 127.0.0.1 at the port; undefined when this machine lacks it. */
  command: (port: number) => { program: string; args: readonly string[]; env?: Record<string, string> } | undefined
  /** Throws while the server does not answer yet; whether the port takes connections when left out. */
  ready?: (port: number) => Promise<void>
}

/** A running one, on a port of its own; ended by its pid on dispose. */
export type EmulatorProcess = AsyncDisposable & {
  readonly name: string
  readonly port: number
  /** `127.0.0.1:<port>`. */
  readonly address: string
  /** Undefined while it does not run. */
  pid(): number | undefined
  /** How often it died and was started again. */
  restarts(): number
  /** The newest lines it printed. */
  log(): string
  /** Stops answering without closing a connection, as a machine that hangs. */
  freeze(): void
  thaw(): void
  /** Kills it, and holds the next start back until `revive`. What it kept in memory is lost. */
  kill(): Promise<void>
  /** Starts it again on the same port after `kill`; resolves when it is ready. */
  revive(): Promise<void>
}

/** Longest wait for an emulator to answer, in ms; the ones on Java take seconds on a busy machine. */
const READY_MS_MAX = 60_000
const POLL_MS = 25
/** Longest an emulator may take to end by itself, in ms. */
const END_MS_MAX = 3_000
/** Pause before one that died is started again, in ms. */
const RESTART_MS = 200
/** Newest part of what it prints that is kept, in characters. */
const LOG_MAX = 20_000

/** Why tests that need it are skipped, or undefined when it is there; REQUIRE_EMULATORS=1 makes it a failure. */
export function missingEmulator({ name, install, command }: EmulatorSpec): string | undefined {
  if (command(0) !== undefined) return undefined
  const sentence = `${name} is not installed; ${install}`
  if (process.env['REQUIRE_EMULATORS'] === '1') throw new Error(sentence)
  return sentence
}

/** Starts one and resolves when it is ready; one that dies by itself is started again on the same port. */
export async function startEmulator(spec: EmulatorSpec): Promise<EmulatorProcess> {
  const port = await freePort()
  const running = new RunningEmulator(spec, port)
  try {
    await running.revive()
  } catch (error) {
    await running[Symbol.asyncDispose]()
    throw error
  }
  return running
}

class RunningEmulator implements EmulatorProcess {
  readonly name: string
  readonly port: number
  readonly address: string
  readonly #spec: EmulatorSpec
  #child: ChildProcess | undefined
  #gone: Promise<void> = Promise.resolve()
  #wanted = false
  #restarts = 0
  #log = ''

  constructor(spec: EmulatorSpec, port: number) {
    this.#spec = spec
    this.name = spec.name
    this.port = port
    this.address = `127.0.0.1:${port}`
  }

  pid(): number | undefined {
    return this.#child?.pid
  }

  restarts(): number {
    return this.#restarts
  }

  log(): string {
    return this.#log
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async revive(): Promise<void> {
    this.#wanted = true
    this.#start()
    await this.#untilReady()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw()
    await this.#end('SIGTERM')
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#wanted = false
    const child = this.#child
    if (child === undefined) return
    const late = setTimeout(() => signalGroup(child, 'SIGKILL'), END_MS_MAX)
    signalGroup(child, signal)
    await this.#gone
    clearTimeout(late)
  }

  #start(): void {
    if (this.#child !== undefined) return
    const command = this.#spec.command(this.port)
    if (command === undefined) throw new Error(`${this.name} is not installed; ${this.#spec.install}`)
    const { program, args } = endingWithParent(command)
    const child = spawn(program, args, {
      // A group of its own: launch scripts leave the server as their child, and both must go.
      detached: true,
      env: { ...process.env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_MAX)
      })
    }
    this.#gone = new Promise(resolve => {
      child.once('error', error => {
        this.#log += `\n${error.message}`
        resolve()
      })
      child.once('close', () => resolve())
    })
    void this.#gone.then(() => this.#afterDeath(child))
    endWithUs(child)
  }

  #afterDeath(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined
    if (!this.#wanted) return
    this.#restarts += 1
    setTimeout(() => {
      if (this.#wanted) this.#start()
    }, RESTART_MS)
  }

  async #untilReady(): Promise<void> {
    const deadline = performance.now() + READY_MS_MAX
    for (;;) {
      try {
        await (this.#spec.ready ?? takesConnections)(this.port)
        return
      } catch (error) {
        if (performance.now() > deadline) {
          throw new Error(`${this.name} is not ready after ${READY_MS_MAX} ms: ${this.#log}`, { cause: error })
        }
        await sleep(POLL_MS)
      }
    }
  }
}

/** A group of its own outlives a parent that is killed; on Linux the kernel can see to it that it does not. */
function endingWithParent({ program, args }: { program: string; args: readonly string[] }) {
  return process.platform === 'linux' && findProgram('setpriv') !== undefined
    ? { program: 'setpriv', args: ['--pdeathsig', 'KILL', '--', program, ...args] }
    : { program, args }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Gone already.
  }
}

const ours = new Set<ChildProcess>()

/** A run that is broken off leaves no server behind. */
function endWithUs(child: ChildProcess): void {
  if (ours.size === 0) {
    process.on('exit', () => {
      for (const each of ours) signalGroup(each, 'SIGKILL')
    })
  }
  ours.add(child)
  child.once('close', () => ours.delete(child))
}

async function takesConnections(port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
