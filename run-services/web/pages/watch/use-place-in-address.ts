import { useEffect, useRef } from 'preact/hooks'
import type { Stream } from '../api/api-routes.ts'
import { placeInAddress } from './place-in-address.ts'

/** Goes, once, to the place in the show that the link named; `stream` is undefined until something plays. */
export function usePlaceInAddress(stream: Stream | undefined, seekTo: (atMs: number) => void): void {
  const arrived = useRef(false)
  const startedAt = stream?.started_at ?? undefined
  useEffect(() => {
    const place = placeInAddress(location.search)
    if (arrived.current || place === undefined || startedAt === undefined) return
    arrived.current = true
    seekTo(Date.parse(startedAt) + place)
  }, [startedAt])
}
