import type { Delivery } from './bus-rows.ts'

/**
 * The deliveries of one subscription that are in memory, in order per key: of an ordered subscription only the head of a
 * key may be under way. Pure bookkeeping; the caller sends and tells.
 */
export interface DeliveryWindow {
  add(delivery: Delivery): void
  /** The next delivery that may be sent; it counts as under way until settled. */
  take(): Delivery | undefined
  /** The delivery is over, for good or by burial; its key goes on. */
  settle(delivery: Delivery): void
  /** The delivery failed and is to be taken again after `reopen` was called for its key. */
  hold(delivery: Delivery): void
  reopen(delivery: Delivery): void
  readonly size: number
  readonly underWay: number
}

export function deliveryWindow(ordered: boolean): DeliveryWindow {
  const lanes = new Map<string, Delivery[]>()
  let open: string[] = []
  let openAt = 0
  let size = 0
  let underWay = 0
  const laneOf = (delivery: Delivery): string => (ordered ? delivery.orderingKey : String(delivery.seq))

  return {
    get size() {
      return size
    },
    get underWay() {
      return underWay
    },
    add(delivery) {
      const name = laneOf(delivery)
      const lane = lanes.get(name)
      size += 1
      if (lane) {
        lane.push(delivery)
      } else {
        lanes.set(name, [delivery])
        open.push(name)
      }
    },
    take() {
      const name = open[openAt]
      if (name === undefined) return undefined
      openAt += 1
      // Dropping the used front now and then keeps taking cheap.
      if (openAt > 1_000 && openAt * 2 > open.length) {
        open = open.slice(openAt)
        openAt = 0
      }
      const head = lanes.get(name)?.[0]
      if (head !== undefined) underWay += 1
      return head
    },
    settle(delivery) {
      const name = laneOf(delivery)
      const lane = lanes.get(name)
      lane?.shift()
      size -= 1
      underWay -= 1
      if (lane === undefined || lane.length === 0) lanes.delete(name)
      else open.push(name)
    },
    hold() {
      underWay -= 1
    },
    reopen(delivery) {
      open.push(laneOf(delivery))
    },
  }
}
