import { useCallback, useRef, useState } from 'preact/hooks'
import type { Clip, Stream } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { randomKey } from '../api/random-key.ts'
import { asViewer } from '../ui/viewer-token.ts'
import type { AirSpan } from '../watch/show-player.ts'
import { clipRangeSeen } from './clip-range-seen.ts'

/** A clip on its way: asked for, made, or refused. */
export type ClipPress = { spanMs: number; clip?: Clip; token?: string; problem?: unknown }

export type ClipThat = {
  press: ClipPress | undefined
  /** Clips the last so many ms before what the viewer sees; one at a time. */
  clipThat: (spanMs: number) => void
  dismiss: () => void
}

/** Makes clips of what the viewer just saw. `lastSeen` tells the range on the show's own clock, in epoch ms. */
export function useClipThat(
  stream: Pick<Stream, 'id' | 'started_at'> | undefined,
  lastSeen: (spanMs: number) => AirSpan | undefined,
): ClipThat {
  const [press, setPress] = useState<ClipPress>()
  const busy = useRef(false)
  const latest = useRef(lastSeen)
  latest.current = lastSeen
  const clipThat = useCallback(
    (spanMs: number): void => {
      const seen = latest.current(spanMs)
      if (stream?.started_at == null || seen === undefined || busy.current) return
      busy.current = true
      setPress({ spanMs })
      const body = { stream_id: stream.id, ...clipRangeSeen(Date.parse(stream.started_at), seen) }
      const idempotencyKey = randomKey()
      void asViewer(async token => ({ clip: await call('POST /v1/clips', { body, token, idempotencyKey }), token }))
        .then(
          made => setPress({ spanMs, ...made }),
          (problem: unknown) => setPress({ spanMs, problem }),
        )
        .finally(() => {
          busy.current = false
        })
    },
    [stream?.id, stream?.started_at],
  )
  const dismiss = useCallback(() => setPress(undefined), [])
  return { press, clipThat, dismiss }
}
