/** Gives one item to the next write; resolves with what that write says of it. */
export type SharedWrite<Item, Result> = (item: Item) => Promise<Result>

type Waiting<Item, Result> = { item: Item; done: PromiseWithResolvers<Result> }

/** Items that may wait at once; more are refused. */
const WAITING_MAX = 20_000

/**
 * Lets callers that come together share one statement and so one sync of the disk: while a write is under way the next
 * ones gather, at most `itemsMax` for one write. `write` answers in the order of its items; when it throws, all of
 * them fail.
 */
export function sharedWrite<Item, Result>(
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
  itemsMax: number,
): SharedWrite<Item, Result> {
  const waiting: Waiting<Item, Result>[] = []
  let writing = false

  const drain = async (): Promise<void> => {
    writing = true
    while (waiting.length > 0) await writeBatch(waiting.splice(0, itemsMax), write)
    writing = false
  }
  return async item => {
    if (waiting.length >= WAITING_MAX) throw new Error('Too many writes are waiting.')
    const done = Promise.withResolvers<Result>()
    waiting.push({ item, done })
    if (!writing) void drain()
    return await done.promise
  }
}

async function writeBatch<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  write: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<void> {
  try {
    const results = await write(batch.map(({ item }) => item))
    for (const [index, { done }] of batch.entries()) done.resolve(results[index] as Result)
  } catch (error) {
    for (const { done } of batch) done.reject(error)
  }
}
