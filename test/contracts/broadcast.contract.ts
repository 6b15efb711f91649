import { expect, test } from 'vitest'
import { type Broadcast, BROADCAST_CHARACTERS_MAX } from '#shared/ports/broadcast/broadcast.ts'
import { eventually } from '../helpers/eventually.ts'

let topics = 0
const newTopic = (): string => `contract-${process.pid}-${(topics += 1)}`

/** What one listener was told, in order. */
export type Ear = Disposable & { heard: string[]; missed: number }

/** Listens until disposed. */
export function earOf(broadcast: Broadcast, topic: string): Ear {
  const heard: string[] = []
  let missed = 0
  const listening = broadcast.listen(topic, { heard: message => void heard.push(message), missed: () => (missed += 1) })
  return {
    heard,
    get missed() {
      return missed
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  }
}

/** Publishes until the ear hears: from then on nothing is lost while the connection holds. */
export async function untilHeard(broadcast: Broadcast, topic: string, ear: Ear): Promise<void> {
  await eventually(
    async () => {
      await broadcast.publish(topic, 'is anybody there')
      return ear.heard
    },
    heard => expect(heard).not.toEqual([]),
  )
}

/** What every Broadcast promises; `open` gives the broadcast as another instance has it. */
export function broadcastContract(open: () => Broadcast): void {
  test('every instance hears a topic, in the order of its publisher, and no other topic', async () => {
    const [one, two] = [open(), open()]
    const [topic, other] = [newTopic(), newTopic()]
    using here = earOf(one, topic)
    using there = earOf(two, topic)
    using elsewhere = earOf(two, other)
    await untilHeard(one, topic, here)
    await untilHeard(one, topic, there)
    const messages = Array.from({ length: 40 }, (_, index) => `message ${index}`)
    await Promise.all(messages.map(async message => await one.publish(topic, message)))
    for (const ear of [here, there]) {
      await eventually(
        () => ear.heard.slice(-messages.length),
        heard => expect(heard).toEqual(messages),
      )
    }
    expect(elsewhere.heard).toEqual([])
  })

  test('what is published after listen is heard, or missed is told afterwards', async () => {
    const [one, two] = [open(), open()]
    const topic = newTopic()
    using ear = earOf(two, topic)
    await one.publish(topic, 'at once')
    await eventually(() => ear.heard.length + ear.missed)
  })

  test('two listeners of one topic stand for themselves: one that ends leaves the other listening', async () => {
    const broadcast = open()
    const topic = newTopic()
    using stays = earOf(broadcast, topic)
    const goes = earOf(broadcast, topic)
    await untilHeard(broadcast, topic, stays)
    await untilHeard(broadcast, topic, goes)
    goes[Symbol.dispose]()
    const before = goes.heard.length
    await broadcast.publish(topic, 'after one left')
    await eventually(
      () => stays.heard.at(-1),
      message => expect(message).toBe('after one left'),
    )
    expect(goes.heard).toHaveLength(before)
  })

  test('who listened, left and came back hears again', async () => {
    const broadcast = open()
    const topic = newTopic()
    earOf(broadcast, topic)[Symbol.dispose]()
    using ear = earOf(broadcast, topic)
    await untilHeard(broadcast, topic, ear)
  })

  test('a message that says too much is a bug of the publisher', async () => {
    await expect(open().publish(newTopic(), 'x'.repeat(BROADCAST_CHARACTERS_MAX + 1))).rejects.toThrow('too long')
  })
}
