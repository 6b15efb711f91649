/** Longest message, in characters: it says what changed, and whoever hears it looks. */
export const BROADCAST_CHARACTERS_MAX = 8_192

export type BroadcastListener = {
  heard(message: string): void
  /** Something may have been said unheard: listening has just begun, or the connection was away. Look, then listen on. */
  missed(): void
}

/**
 * Tells every instance something that is worth hearing now, and to nobody later.
 *
 * At most once, and lossy by design: it saves looking, it replaces no record. What is published after `listen` is heard,
 * or `missed` is told afterwards. Messages of one publisher on one topic are heard in their order.
 */
export interface Broadcast {
  /** Tells whoever listens to the topic, this process included. Throws only for a message that is too long. */
  publish(topic: string, message: string): Promise<void>
  /** Listens until disposed; a listener does not throw. Begins by itself, also when there is no connection yet. */
  listen(topic: string, listener: BroadcastListener): Disposable
}
