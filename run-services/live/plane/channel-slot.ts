import type { HealthSample } from '#shared/domain/provider-event.ts'
import { byteRate } from './byte-rate.ts'
import type { HeldLease } from './channel-leases.ts'
import type { ChannelRecord } from './channel-records.ts'
import type { KeptShow } from './kept-show.ts'
import type { Connection } from './run-connection.ts'

/** What goes on at one channel of this process. */
export type ChannelSlot = {
  readonly ref: string
  /** As last read; settings may have changed since. */
  channel: ChannelRecord
  lease: HeldLease | undefined
  show: KeptShow | undefined
  connection: Connection | undefined
  /** Set when the show is to end with its connection. */
  endReason: string | undefined
  health: HealthSample | undefined
  /** The verdict that was last told, and when. */
  toldHealth: { level: string; sentence: string; atMs: number } | undefined
  /** Bitrate of the connection, from its byte counter. */
  byteRate: (bytes: number, nowMs: number) => number
  renewedAtMs: number
  checkedAtMs: number
}

/** A channel of this process on which nothing goes on yet. */
export function channelSlot(channel: ChannelRecord): ChannelSlot {
  return {
    ref: channel.ref,
    channel,
    lease: undefined,
    show: undefined,
    connection: undefined,
    endReason: undefined,
    health: undefined,
    toldHealth: undefined,
    byteRate: byteRate(),
    renewedAtMs: 0,
    checkedAtMs: 0,
  }
}
