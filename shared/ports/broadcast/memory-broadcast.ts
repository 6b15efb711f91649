import { type Broadcast, BROADCAST_CHARACTERS_MAX } from './broadcast.ts'
import { listeners } from './listeners.ts'

/** A broadcast within one process: everybody hears everything, and nothing is missed. */
export function memoryBroadcast(): Broadcast {
  const heard = listeners()
  return {
    publish: async (topic, message) => {
      if (message.length > BROADCAST_CHARACTERS_MAX) throw new RangeError('The message is too long to be broadcast.')
      heard.tell(topic, message)
    },
    listen: (topic, listener) => {
      heard.add(topic, listener)
      return { [Symbol.dispose]: () => void heard.remove(topic, listener) }
    },
  }
}
