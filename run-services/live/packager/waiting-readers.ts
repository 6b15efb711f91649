/** Readers of one show that may wait at the same time. */
const WAITING_MAX = 20_000

type Waiter = { ready: () => boolean; done: (fact: boolean) => void }

/** Readers that wait for a fact about a show. */
export class WaitingReaders {
  readonly #waiters = new Set<Waiter>()

  get size(): number {
    return this.#waiters.size
  }

  get full(): boolean {
    return this.#waiters.size >= WAITING_MAX
  }

  /** Resolves true when the fact holds, false after `withinMs`, at the signal, or at once when too many wait. */
  wait(ready: () => boolean, withinMs: number, signal: AbortSignal): Promise<boolean> {
    if (ready()) return Promise.resolve(true)
    if (this.full || signal.aborted) return Promise.resolve(false)
    return new Promise(resolve => {
      const giveUp = (): void => waiter.done(false)
      const timer = setTimeout(giveUp, withinMs)
      const waiter: Waiter = {
        ready,
        done: fact => {
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          this.#waiters.delete(waiter)
          resolve(fact)
        },
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiters.add(waiter)
    })
  }

  /** Something has changed: lets those go whose fact holds now. */
  wake(): void {
    for (const waiter of this.#waiters) if (waiter.ready()) waiter.done(true)
  }
}
