import { z } from 'zod'
import type { Clock } from '#shared/domain/clock.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { ChannelLeases, PeerAddress } from './channel-leases.ts'
import { jsonObjects } from './json-objects.ts'

/** `<channel ref>/<stream id>.json` of every show that is not over; says it all by its name. */
const SHOWS = 'plane/on-air/shows/'
/** `<playback id>.json` says which channel it is: of shows until they end, of channels for ever. */
const IDS = 'plane/on-air/ids/'
const SHOW = /^plane\/on-air\/shows\/([^/]+)\/[^/]+\.json$/u
const CONTENT = { contentType: 'application/json', cacheControl: 'no-store' }
/** How long an answer is good, in ms: players ask for a playlist several times a second. */
const KEPT_MS = 1_000
const KEPT_MAX = 10_000
/** Leases read at the same time. */
const READS_MAX = 16
const place = z.object({ ref: z.string() })

/** Which instance of the plane has which show; of a plane with several instances. */
export type ShowPlaces = {
  /** From now on the show's id, and the channel's, stand for what is on the air on that channel. */
  tell(ref: string, streamId: string, channelPlaybackId: string): Promise<void>
  /** The show is over. */
  forget(ref: string, streamId: string): Promise<void>
  /** The other instance that serves a playback id now; undefined when it is here or nowhere. */
  of(playbackId: string): Promise<PeerAddress | undefined>
  /** Every channel that may have a show, wherever. */
  channels(): Promise<readonly string[]>
  /** Every other instance that has a show. */
  everywhere(): Promise<readonly PeerAddress[]>
}

type PlacesDeps = { store: ObjectStore; leases: Pick<ChannelLeases, 'holder'>; now: Clock }

/** A place says which channel it is; the channel's lease says whose that is now, and whether that one lives. */
export function showPlaces({ store, leases, now }: PlacesDeps): ShowPlaces {
  const documents = jsonObjects(store)
  const kept = new Map<string, { address: Promise<PeerAddress | undefined>; untilMs: number }>()

  async function find(playbackId: string): Promise<PeerAddress | undefined> {
    const found = await documents.read(idKey(playbackId), place)
    return found === undefined ? undefined : await leases.holder(found.value.ref)
  }

  async function channels(): Promise<string[]> {
    const refs = new Set<string>()
    for await (const { key } of store.list(SHOWS)) {
      const ref = SHOW.exec(key)?.[1]
      if (ref !== undefined) refs.add(ref)
    }
    return [...refs]
  }

  return {
    async tell(ref, streamId, channelPlaybackId) {
      const body = Buffer.from(JSON.stringify({ ref }))
      const keys = [showKey(ref, streamId), idKey(streamId), idKey(channelPlaybackId)]
      await Promise.all(keys.map(async key => await store.put(key, body, CONTENT)))
    },
    async forget(ref, streamId) {
      await store.delete([showKey(ref, streamId), idKey(streamId)])
    },
    async of(playbackId) {
      const known = kept.get(playbackId)
      if (known !== undefined && known.untilMs > now()) return await known.address
      if (kept.size >= KEPT_MAX) kept.clear()
      const address = find(playbackId)
      kept.set(playbackId, { address, untilMs: now() + KEPT_MS })
      return await address
    },
    channels,
    async everywhere() {
      const refs = await channels()
      const found = new Map<string, PeerAddress>()
      for (let from = 0; from < refs.length; from += READS_MAX) {
        const some = await Promise.all(refs.slice(from, from + READS_MAX).map(ref => leases.holder(ref)))
        for (const address of some) if (address !== undefined) found.set(address.plane, address)
      }
      return [...found.values()]
    },
  }
}

function showKey(ref: string, streamId: string): string {
  return `${SHOWS}${ref}/${streamId}.json`
}

function idKey(playbackId: string): string {
  return `${IDS}${playbackId}.json`
}
