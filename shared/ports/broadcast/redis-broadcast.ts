import { pause } from '#shared/service/pause.ts'
import { type Broadcast, BROADCAST_CHARACTERS_MAX, type BroadcastListener } from './broadcast.ts'
import { listeners } from './listeners.ts'
import type { RedisLink } from './redis-link.ts'

const PREFIX = 'say:'
/** Pause before a server that is slow is asked to subscribe again, in ms. */
const AGAIN_MS = 500
const NEVER = new AbortController().signal

/**
 * A broadcast over Redis or Valkey, heard by every instance.
 *
 * What is published while the link is down is lost; every listener is told `missed` once it is back and listening again.
 */
export function redisBroadcast({ link }: { link: RedisLink }): Broadcast {
  const { redis } = link
  const heard = listeners()
  redis.on('message', (channel: string, message: string) => heard.tell(channel.slice(PREFIX.length), message))

  const subscribe = async (topics: readonly string[], tell: () => readonly BroadcastListener[]): Promise<void> => {
    // Once the connection is gone all of it is asked for again with the next.
    while (link.isUp() && tell().length > 0) {
      try {
        await redis.subscribe(...topics.map(topic => PREFIX + topic))
        for (const listener of tell()) listener.missed()
        return
      } catch {
        await pause(AGAIN_MS, NEVER)
      }
    }
  }
  link.whenUp(() => void subscribe(heard.topics(), () => heard.topics().flatMap(topic => heard.of(topic))))

  return {
    publish: async (topic, message) => {
      if (message.length > BROADCAST_CHARACTERS_MAX) throw new RangeError('The message is too long to be broadcast.')
      if (link.isUp()) await redis.publish(PREFIX + topic, message).catch(() => undefined)
    },
    listen: (topic, listener) => {
      heard.add(topic, listener)
      void subscribe([topic], () => heard.of(topic).filter(each => each === listener))
      return {
        [Symbol.dispose]: () => {
          if (heard.remove(topic, listener) && link.isUp()) redis.unsubscribe(PREFIX + topic).catch(() => undefined)
        },
      }
    },
  }
}
