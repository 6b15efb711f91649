import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import { mediaFacts } from '#shared/domain/provider-event.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import { ObjectStoreError } from '#shared/ports/object-store/object-store.ts'
import { isLostRace, jsonObjects } from './json-objects.ts'

/** How long a lease holds without being renewed; after it another process may take the channel over. */
const LEASE_MS = 15_000
/** Epochs written down ahead, and how few of them may be left before more are. */
const EPOCHS_AHEAD = 8
const EPOCHS_LEFT_MIN = 4
const LEASES_PREFIX = 'plane/leases/'

const leasedShow = z.object({
  stream_id: z.string(),
  started_at: z.iso.datetime(),
  state: z.enum(['live', 'waiting', 'closing']),
  waiting_until: z.iso.datetime().nullable(),
  /** Epoch of the newest publisher connection; `epoch` of the lease also counts encoders. */
  connection_epoch: z.int().nonnegative(),
  key_ref: z.string(),
  protocol: z.enum(['rtmp', 'srt', 'websocket']),
  media: mediaFacts.nullable(),
  traceparent: z.string().nullable(),
  /** Whether the newest connection's Stream Start lies in the spool. */
  start_reported: z.boolean(),
  /** Every segment up to this one is reported in the spool; -1 when none is. */
  reported_seq: z.int().min(-1),
  recorded: z.boolean(),
})

/** What a lease remembers of the show that is on, enough to take it up again after a crash. */
export type LeasedShow = z.infer<typeof leasedShow>

/** Where other instances of the plane reach one: its control API and its origin. */
const peerAddress = z.object({ plane: z.url(), media: z.url() })
export type PeerAddress = z.infer<typeof peerAddress>

const leaseRecord = z.object({
  ref: z.string(),
  /** The plane instance that holds the channel, stable over its restarts. */
  owner: z.string(),
  /** One run of that instance. */
  boot: z.string(),
  /** Of an owner that is one of several. */
  address: peerAddress.optional(),
  /** Publisher connections and encoders of the channel, counted for ever; the owner may have given any up to this. */
  epoch: z.int().nonnegative(),
  renewed_at: z.iso.datetime(),
  until: z.iso.datetime(),
  show: leasedShow.nullable(),
})
export type LeaseRecord = z.infer<typeof leaseRecord>

/** A channel held by this process. Writes go out one after the other. */
export type HeldLease = {
  readonly record: LeaseRecord
  /** When it was last renewed before this process claimed it: the last sign of life of who held it then. */
  readonly heldUntilMs: number
  /** Aborted when another process took the channel. */
  readonly lost: AbortSignal
  /** The next epoch; those ahead are written down before they are given, so none is ever given twice. */
  takeEpoch(): number
  /** Changes what is remembered of the show and renews. */
  save(show: LeasedShow | null): Promise<void>
  renew(): Promise<void>
  /** Lets any process take the channel at once; the show, if any, stays remembered. */
  release(): Promise<void>
}

export type ChannelLeases = {
  /**
   * Holds the channel for this process, or undefined while another live process has a publisher on it. A show that waits
   * there comes along: its publisher may come back by any door.
   */
  claim(ref: string): Promise<HeldLease | undefined>
  /** Whether another process holds the channel with a show on it that does not only wait. */
  heldElsewhere(ref: string): Promise<boolean>
  /** Where another live process has a show on the channel; undefined when none has, or none that can be reached. */
  holder(ref: string): Promise<PeerAddress | undefined>
  /** Leases with a show that this process may take: its own from an earlier run, and those of dead owners; of these channels, or of all. */
  orphans(among?: readonly string[]): AsyncIterable<LeaseRecord>
}

type LeaseDeps = { store: ObjectStore; owner: string; boot: string; address?: PeerAddress; now: Clock }

/** Leases in the object store: one JSON document a channel, changed by compare and set only. */
export function channelLeases(deps: LeaseDeps): ChannelLeases {
  const documents = jsonObjects(deps.store)
  const isOthers = (lease: LeaseRecord) =>
    lease.owner !== deps.owner && lease.show !== null && Date.parse(lease.until) > deps.now()
  const isBusyElsewhere = (lease: LeaseRecord) => isOthers(lease) && lease.show?.state !== 'waiting'

  return {
    async heldElsewhere(ref) {
      const found = await documents.read(keyOf(ref), leaseRecord)
      return found !== undefined && isBusyElsewhere(found.value)
    },
    async holder(ref) {
      const found = await documents.read(keyOf(ref), leaseRecord)
      return found !== undefined && isOthers(found.value) ? found.value.address : undefined
    },
    async claim(ref) {
      const found = await documents.read(keyOf(ref), leaseRecord)
      if (found !== undefined && isBusyElsewhere(found.value)) return undefined
      const given = found?.value ?? blank(ref)
      const { owner, boot, address } = deps
      const ours = { ...given, owner, boot, address, epoch: given.epoch + EPOCHS_AHEAD }
      const record = stamped(ours, deps.now(), LEASE_MS)
      try {
        const etag = await documents.write(keyOf(ref), record, found?.etag ?? 'absent')
        return heldLease(deps, { record, etag, given: given.epoch, heldUntilMs: Date.parse(given.renewed_at) })
      } catch (error) {
        if (isLostRace(error)) return undefined
        throw error
      }
    },
    async *orphans(among) {
      for await (const key of among === undefined ? everyKey(deps.store) : among.map(keyOf)) {
        const lease = (await documents.read(key, leaseRecord))?.value
        if (lease === undefined || lease.show === null || lease.boot === deps.boot || isOthers(lease)) continue
        yield lease
      }
    },
  }
}

type Claim = { record: LeaseRecord; etag: string; given: number; heldUntilMs: number }

function heldLease(deps: LeaseDeps, claimed: Claim): HeldLease {
  const documents = jsonObjects(deps.store)
  const lost = new AbortController()
  let { record, etag, given } = claimed
  let queue: Promise<unknown> = Promise.resolve()

  async function write(next: LeaseRecord): Promise<void> {
    record = next
    lost.signal.throwIfAborted()
    try {
      etag = await documents.write(keyOf(next.ref), next, etag)
    } catch (error) {
      if (isLostRace(error)) return rewriteOwn(next)
      // A full disk stops no show: nobody else can take the lease there either, and the next renewal writes it.
      if (error instanceof ObjectStoreError && error.kind === 'full') return
      throw error
    }
  }

  /** A write whose answer was lost looks like a lost race; the record itself says whose the channel is. */
  async function rewriteOwn(next: LeaseRecord): Promise<void> {
    const found = await documents.read(keyOf(next.ref), leaseRecord)
    if (found?.value.boot === deps.boot) {
      etag = await documents.write(keyOf(next.ref), next, found.etag)
      return
    }
    lost.abort(new Error(`Another process has taken channel ${next.ref}.`))
    lost.signal.throwIfAborted()
  }

  function change(edit: (current: LeaseRecord) => LeaseRecord, holdMs = LEASE_MS): Promise<void> {
    const done = queue.then(() => write(stamped(edit(record), deps.now(), holdMs)))
    queue = done.catch(() => undefined)
    return done
  }

  return {
    get record() {
      return record
    },
    heldUntilMs: claimed.heldUntilMs,
    lost: lost.signal,
    takeEpoch() {
      given += 1
      if (record.epoch - given < EPOCHS_LEFT_MIN) {
        change(current => ({ ...current, epoch: given + EPOCHS_AHEAD })).catch(() => undefined)
      }
      return given
    },
    save: show => change(current => ({ ...current, show })),
    renew: () => change(current => current),
    release: () => change(current => ({ ...current, epoch: given }), 0),
  }
}

async function* everyKey(store: ObjectStore): AsyncGenerator<string> {
  for await (const { key } of store.list(LEASES_PREFIX)) yield key
}

function blank(ref: string): LeaseRecord {
  const never = rfc3339(0)
  return { ref, owner: '', boot: '', epoch: 0, renewed_at: never, until: never, show: null }
}

function stamped(record: LeaseRecord, nowMs: number, holdMs: number): LeaseRecord {
  return { ...record, renewed_at: rfc3339(nowMs), until: rfc3339(nowMs + holdMs) }
}

function keyOf(ref: string): string {
  return `${LEASES_PREFIX}${ref}.json`
}
