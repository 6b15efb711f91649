/** Gives out one turn at a time, first come, first served. */
export interface OneAtATime {
  /** Resolves with the turn's end; rejects when it does not come within `withinMs` or the signal aborts first. */
  take(withinMs: number, signal?: AbortSignal): Promise<() => void>
  waiting(): number
}

type Waiter = { enter: () => void }

/** Nobody waited so long in vain without being told. */
export class TurnTimeout extends Error {
  constructor(withinMs: number) {
    super(`No turn within ${withinMs} ms.`)
    this.name = 'TurnTimeout'
  }
}

export function oneAtATime(): OneAtATime {
  const queue: Waiter[] = []
  let taken = false

  const leave = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      const next = queue.shift()
      if (next === undefined) taken = false
      else next.enter()
    }
  }

  return {
    waiting: () => queue.length,
    async take(withinMs, signal) {
      signal?.throwIfAborted()
      if (!taken) {
        taken = true
        return leave()
      }
      return await new Promise<() => void>((resolve, reject) => {
        const giveUp = (reason: unknown): void => {
          const at = queue.indexOf(waiter)
          if (at < 0) return
          queue.splice(at, 1)
          settle()
          reject(reason)
        }
        const onAbort = (): void => giveUp(signal?.reason)
        const timer = setTimeout(() => giveUp(new TurnTimeout(withinMs)), withinMs)
        const settle = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', onAbort)
        }
        const waiter: Waiter = {
          enter: () => {
            settle()
            resolve(leave())
          },
        }
        signal?.addEventListener('abort', onAbort)
        queue.push(waiter)
      })
    },
  }
}
