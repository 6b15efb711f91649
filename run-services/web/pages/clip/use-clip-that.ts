import { useCallback, useRef, useState } from 'preact/hooks'
import { ApiProblem } from '../api/api-problem.ts'
import type { Clip, Stream } from '../api/api-routes.ts'
import { call } from '../api/call.ts'
import { randomKey } from '../api/random-key.ts'
import { asViewer } from '../ui/viewer-token.ts'
import type { AirSpan } from '../watch/show-player.ts'
import { clipRangeSeen } from './clip-range-seen.ts'

type Wish = { body: { stream_id: string; start_ms: number; end_ms: number }; idempotencyKey: string }

/** A clip on its way: asked for, made, or refused. */
export type ClipPress = { spanMs: number; wish: Wish; clip?: Clip; token?: string; problem?: unknown }

export type ClipThat = {
  press: ClipPress | undefined
  /** Clips the last so many ms before what the viewer sees; one at a time. */
  clipThat: (spanMs: number) => void
  /** Tries a refused press again: the very same clip when no answer came, else what the viewer sees by now. */
  again: () => void
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
  const send = useCallback((spanMs: number, wish: Wish): void => {
    if (busy.current) return
    busy.current = true
    setPress({ spanMs, wish })
    void asViewer(async token => ({ clip: await call('POST /v1/clips', { ...wish, token }), token }))
      .then(
        made => setPress({ spanMs, wish, ...made }),
        (problem: unknown) => setPress({ spanMs, wish, problem }),
      )
      .finally(() => {
        busy.current = false
      })
  }, [])
  const clipThat = useCallback(
    (spanMs: number): void => {
      const seen = latest.current(spanMs)
      if (stream?.started_at == null || seen === undefined) return
      const range = clipRangeSeen(Date.parse(stream.started_at), seen)
      send(spanMs, { body: { stream_id: stream.id, ...range }, idempotencyKey: randomKey() })
    },
    [stream?.id, stream?.started_at],
  )
  const again = (): void => {
    if (press === undefined) return
    // The answer may have been lost on its way: the same key makes no second clip.
    if (press.problem instanceof ApiProblem && press.problem.retryable) send(press.spanMs, press.wish)
    else clipThat(press.spanMs)
  }
  const dismiss = useCallback(() => setPress(undefined), [])
  return { press, clipThat, again, dismiss }
}
