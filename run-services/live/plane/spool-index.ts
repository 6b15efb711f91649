/** Keys held in memory; a longer spool is read from the store piece by piece. */
const INDEX_KEYS_MAX = 20_000

/** What is known of the spool: keys in order per channel, bounded. */
export type SpoolIndex = {
  /** Notes a key behind all others of its channel; false when there is no room, and from then on until `reopen`. */
  add(key: string): boolean
  /** The oldest keys of a channel, in order. */
  heads(ref: string, max: number): readonly string[]
  /** Forgets a key. */
  remove(ref: string, key: string): void
  keys(): Set<string>
  size(): number
  /** Whether the store may hold keys that are not here. */
  overflowing(): boolean
  reopen(): void
  /** Calls back with the channel of every key that is here, and of every one that comes. */
  onKey(listener: (ref: string) => void): void
}

/** An empty index. */
export function spoolIndex(): SpoolIndex {
  const byRef = new Map<string, string[]>()
  const listeners: ((ref: string) => void)[] = []
  let size = 0
  let overflowing = false

  return {
    add(key) {
      const ref = refOfKey(key)
      if (ref === undefined) return true
      overflowing ||= size >= INDEX_KEYS_MAX
      if (overflowing) return false
      const keys = byRef.get(ref)
      if (keys === undefined) byRef.set(ref, [key])
      else keys.push(key)
      size += 1
      for (const listener of listeners) listener(ref)
      return true
    },
    heads: (ref, max) => byRef.get(ref)?.slice(0, max) ?? [],
    remove(ref, key) {
      const keys = byRef.get(ref)
      const at = keys?.indexOf(key) ?? -1
      if (keys === undefined || at === -1) return
      keys.splice(at, 1)
      size -= 1
      if (keys.length === 0) byRef.delete(ref)
    },
    keys: () => new Set([...byRef.values()].flat()),
    size: () => size,
    overflowing: () => overflowing,
    reopen() {
      overflowing = false
    },
    onKey(listener) {
      listeners.push(listener)
      for (const ref of byRef.keys()) listener(ref)
    },
  }
}

/** `plane/spool/<owner>/<time>-<count>.<channel ref>.json` names its channel. */
function refOfKey(key: string): string | undefined {
  return /\.([^./]+)\.json$/.exec(key)?.[1]
}
