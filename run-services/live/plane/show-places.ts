import type { Clock } from '#shared/domain/clock.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { ChannelLeases, PeerAddress } from './channel-leases.ts'

/** Where shows are, told through the object store: `plane/on-air/<playback id>/<channel ref>.json`, nothing in it. */
const PREFIX = 'plane/on-air/'
const PLACE = /^plane\/on-air\/([^/]+)\/([^/]+)\.json$/u
/** How long an answer is good, in ms: players ask for a playlist several times a second. */
const KEPT_MS = 1_000
const KEPT_MAX = 10_000
/** Leases read at the same time. */
const READS_MAX = 16

/** Which instance of the plane has which show; of a plane with several instances. */
export type ShowPlaces = {
  /** From now on these playback ids stand for what is on the air on that channel. */
  tell(ref: string, playbackIds: readonly string[]): Promise<void>
  forget(ref: string, playbackIds: readonly string[]): Promise<void>
  /** The other instance that serves a playback id now; undefined when it is here or nowhere. */
  of(playbackId: string): Promise<PeerAddress | undefined>
  /** Every other instance that has a show. */
  everywhere(): Promise<readonly PeerAddress[]>
}

type PlacesDeps = { store: ObjectStore; leases: Pick<ChannelLeases, 'holder'>; now: Clock }

/** A place says which channel it is; the channel's lease says whose that is now, and whether that one lives. */
export function showPlaces({ store, leases, now }: PlacesDeps): ShowPlaces {
  const kept = new Map<string, { address: Promise<PeerAddress | undefined>; untilMs: number }>()

  async function refsBelow(prefix: string): Promise<string[]> {
    const refs = new Set<string>()
    for await (const { key } of store.list(prefix)) {
      const ref = PLACE.exec(key)?.[2]
      if (ref !== undefined) refs.add(ref)
    }
    return [...refs]
  }

  async function find(playbackId: string): Promise<PeerAddress | undefined> {
    const [ref] = await refsBelow(`${PREFIX}${playbackId}/`)
    return ref === undefined ? undefined : await leases.holder(ref)
  }

  return {
    async tell(ref, playbackIds) {
      const nothing = Buffer.from('{}')
      const options = { contentType: 'application/json', cacheControl: 'no-store' }
      await Promise.all(playbackIds.map(async id => await store.put(keyOf(id, ref), nothing, options)))
    },
    async forget(ref, playbackIds) {
      await store.delete(playbackIds.map(id => keyOf(id, ref)))
    },
    async of(playbackId) {
      const known = kept.get(playbackId)
      if (known !== undefined && known.untilMs > now()) return await known.address
      if (kept.size >= KEPT_MAX) kept.clear()
      const address = find(playbackId)
      kept.set(playbackId, { address, untilMs: now() + KEPT_MS })
      return await address
    },
    async everywhere() {
      const refs = await refsBelow(PREFIX)
      const found = new Map<string, PeerAddress>()
      for (let from = 0; from < refs.length; from += READS_MAX) {
        const some = await Promise.all(refs.slice(from, from + READS_MAX).map(ref => leases.holder(ref)))
        for (const address of some) if (address !== undefined) found.set(address.plane, address)
      }
      return [...found.values()]
    },
  }
}

function keyOf(playbackId: string, ref: string): string {
  return `${PREFIX}${playbackId}/${ref}.json`
}
