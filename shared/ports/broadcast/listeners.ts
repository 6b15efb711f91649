import type { BroadcastListener } from './broadcast.ts'

/** Who listens to what in this process. */
export type Listeners = {
  add(topic: string, listener: BroadcastListener): void
  /** True when nobody listens to the topic any more. */
  remove(topic: string, listener: BroadcastListener): boolean
  tell(topic: string, message: string): void
  topics(): string[]
  of(topic: string): BroadcastListener[]
}

/** An empty book of listeners by topic. */
export function listeners(): Listeners {
  const byTopic = new Map<string, Set<BroadcastListener>>()
  const of = (topic: string): BroadcastListener[] => [...(byTopic.get(topic) ?? [])]
  return {
    of,
    add: (topic, listener) => {
      const known = byTopic.get(topic)
      if (known === undefined) byTopic.set(topic, new Set([listener]))
      else known.add(listener)
    },
    remove: (topic, listener) => {
      const known = byTopic.get(topic)
      if (known?.delete(listener) !== true || known.size > 0) return false
      byTopic.delete(topic)
      return true
    },
    tell: (topic, message) => {
      for (const listener of of(topic)) listener.heard(message)
    },
    topics: () => [...byTopic.keys()],
  }
}
