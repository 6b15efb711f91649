import { fork } from 'node:child_process'
import { join } from 'node:path'

/** A server in a process of its own, so that its CPU time is only its own. */
export type MeasuredChild = AsyncDisposable & {
  /** What the child said when it was ready: base URLs by contender, and counts. */
  readonly facts: Readonly<Record<string, string>>
  /** CPU time the process has used so far, all its threads, in µs. */
  cpuUs(): Promise<number>
}

type FromChild = { facts: Record<string, string> } | { cpuUs: number }

/** Longest a child may take to be ready or to answer, in ms. */
const CHILD_MS_MAX = 60_000

/** Starts `servers/<name>.ts`. */
export async function measuredChild(name: string, args: readonly string[] = []): Promise<MeasuredChild> {
  const child = fork(join(import.meta.dirname, 'servers', `${name}.ts`), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const closed = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const answer = () =>
    new Promise<FromChild>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} did not answer.`)), CHILD_MS_MAX)
      child.once('message', message => {
        clearTimeout(timer)
        resolve(message as FromChild)
      })
      void closed.then(() => {
        clearTimeout(timer)
        reject(new Error(`${name} ended.`))
      })
    })
  const first = await answer()
  return {
    facts: 'facts' in first ? first.facts : {},
    cpuUs: async () => {
      const next = answer()
      child.send('cpu')
      const message = await next
      return 'cpuUs' in message ? message.cpuUs : Number.NaN
    },
    [Symbol.asyncDispose]: async () => {
      child.disconnect()
      await closed
    },
  }
}

/** The child's side: tells its facts, answers what it has used, ends when its parent is done with it. */
export function serveMeasured(facts: Record<string, string>, end: () => Promise<void>): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.({ cpuUs: user + system })
  })
  process.once('disconnect', () => {
    void end().finally(() => process.exit(0))
  })
  process.send?.({ facts })
}
