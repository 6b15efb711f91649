import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import { rfc3339 } from '#shared/domain/clock.ts'
import type { PlaneChannelSettings } from '#shared/domain/plane-api.ts'
import { planeChannelSettings } from '#shared/domain/plane-api.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { KnownKey, StreamKeys } from './stream-key.ts'
import { isChannelRef, isGood } from './stream-key.ts'
import { jsonObjects } from './json-objects.ts'

/** Keys of one channel that work at the same time. */
export const KEYS_PER_CHANNEL_MAX = 10
/** Expired keys remembered, so that a late repeat of their create does not bring them back. */
const EXPIRED_KEYS_KEPT_MAX = 50

const channelRecord = z.object({
  ref: z.string(),
  playback_id: z.string(),
  created_at: z.iso.datetime(),
  settings: planeChannelSettings,
  keys: z.array(
    z.object({ key_ref: z.string(), hmac: z.string().length(64), expires_at: z.iso.datetime().nullable() }),
  ),
})

/** A channel as it lies in the object store under `plane/channels/<ref>.json`. */
export type ChannelRecord = z.infer<typeof channelRecord>

/** Channels and their keys, in the object store alone; every verb is safe to repeat. */
export type ChannelRecords = {
  create(token: string, settings: PlaneChannelSettings): Promise<ChannelRecord>
  update(ref: string, settings: PlaneChannelSettings): Promise<ChannelRecord>
  /** Throws `resource.missing`. */
  get(ref: string): Promise<ChannelRecord>
  find(ref: string): Promise<ChannelRecord | undefined>
  remove(ref: string): Promise<void>
  createKey(ref: string, token: string): Promise<{ keyRef: string; secret: string }>
  /** The key stops working at that instant; one that is gone already, or ends sooner, stays as it is. */
  expireKey(ref: string, keyRef: string, expiresAtMs: number): Promise<void>
}

/** The plane's channels over one object store. */
export function channelRecords(deps: { store: ObjectStore; keys: StreamKeys; now: Clock }): ChannelRecords {
  const documents = jsonObjects(deps.store)

  async function change(ref: string, edit: (record: ChannelRecord) => ChannelRecord | undefined) {
    const changed = await documents.update(keyOf(ref), channelRecord, current => {
      if (current === undefined) throw missing(ref)
      return edit(current)
    })
    if (changed === undefined) throw missing(ref)
    return changed
  }

  async function find(ref: string) {
    if (!isChannelRef(ref)) return undefined
    return (await documents.read(keyOf(ref), channelRecord))?.value
  }

  return {
    find,
    async create(token, settings) {
      const ref = deps.keys.channelRef(token)
      const fresh = {
        ref,
        playback_id: deps.keys.playbackId(token),
        created_at: rfc3339(deps.now()),
        settings,
        keys: [],
      }
      const record = await documents.update(keyOf(ref), channelRecord, current => (current ? undefined : fresh))
      return record ?? fresh
    },
    async get(ref) {
      const record = await find(ref)
      if (record === undefined) throw missing(ref)
      return record
    },
    update: (ref, settings) => change(ref, record => ({ ...record, settings })),
    async remove(ref) {
      if (isChannelRef(ref)) await deps.store.delete([keyOf(ref)])
    },
    async createKey(ref, token) {
      const { keyRef, secret, hmac } = deps.keys.derive(ref, token)
      await change(ref, record => {
        if (record.keys.some(key => key.key_ref === keyRef)) return undefined
        const keys = trimmed([...record.keys, { key_ref: keyRef, hmac, expires_at: null }], deps.now())
        return { ...record, keys }
      })
      return { keyRef, secret }
    },
    async expireKey(ref, keyRef, expiresAtMs) {
      await change(ref, record => {
        const key = record.keys.find(candidate => candidate.key_ref === keyRef)
        if (key === undefined || (key.expires_at !== null && Date.parse(key.expires_at) <= expiresAtMs))
          return undefined
        const ended = { ...key, expires_at: rfc3339(expiresAtMs) }
        return { ...record, keys: record.keys.map(candidate => (candidate === key ? ended : candidate)) }
      })
    },
  }
}

function keyOf(ref: string): string {
  if (!isChannelRef(ref)) throw missing(ref)
  return `plane/channels/${ref}.json`
}

function missing(ref: string): Refusal {
  return new Refusal('resource.missing', { detail: `The plane has no channel ${ref.slice(0, 64)}.` })
}

function trimmed(keys: readonly KnownKey[], nowMs: number): KnownKey[] {
  const good = keys.filter(key => isGood(key, nowMs))
  if (good.length > KEYS_PER_CHANNEL_MAX) {
    throw new Refusal('state.illegal', {
      detail: `A channel has at most ${KEYS_PER_CHANNEL_MAX} working stream keys; delete one first.`,
    })
  }
  return [...keys.filter(key => !isGood(key, nowMs)).slice(-EXPIRED_KEYS_KEPT_MAX), ...good]
}
