import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'

const BATCH = 500

/** Deletes every object under a prefix that `wanted` does not keep; tells how many. */
export async function deletePrefix(
  store: ObjectStore,
  prefix: string,
  signal: AbortSignal,
  kept: (key: string, modifiedAt: string) => boolean = () => false,
): Promise<number> {
  let deleted = 0
  let batch: string[] = []
  const flush = async () => {
    await store.delete(batch)
    deleted += batch.length
    batch = []
  }
  for await (const { key, modifiedAt } of store.list(prefix, { signal })) {
    if (kept(key, modifiedAt)) continue
    batch.push(key)
    if (batch.length === BATCH) await flush()
  }
  if (batch.length > 0) await flush()
  return deleted
}
