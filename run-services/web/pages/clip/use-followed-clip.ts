import { useEffect, useState } from 'preact/hooks'
import { call } from '../api/call.ts'
import type { Clip } from '../api/api-routes.ts'

/** How often a clip is asked for where its events cannot be followed, in ms. */
const ASK_EVERY_MS = 1_500
/** Longest wait between two rounds that told nothing new, in ms. */
const QUIET_MS_MAX = 30_000

/** Whether something of the clip is still to come by itself. */
export function isUnderWay(clip: Pick<Clip, 'state' | 'render'>): boolean {
  return clip.state === 'requested' || clip.state === 'rendering' || clip.render !== null
}

/** The data of each event of that name in a text/event-stream, as it arrives. */
async function* eventsNamed(name: string, body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const blocks = (rest + piece.value.replaceAll('\r\n', '\n')).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split('\n')
      if (!lines.includes(`event: ${name}`)) continue
      yield lines
        .filter(line => line.startsWith('data:'))
        .map(line => line.slice('data:'.length).trimStart())
        .join('\n')
    }
  }
}

/** Tells every newer form of a clip until nothing of it is under way: over its events, else by asking. */
async function follow(
  id: string,
  token: string | undefined,
  tell: (clip: Clip) => void,
  signal: AbortSignal,
): Promise<void> {
  const read = (): Promise<Clip> => call('GET /v1/clips/{id}', { params: { id }, token, signal })
  // EventSource sends no token, and a clip that is not public is told to its people alone.
  const response = await fetch(`/v1/clips/${encodeURIComponent(id)}/events`, {
    headers: {
      accept: 'text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    signal,
  }).catch(() => undefined)
  if (response?.ok === true && response.body !== null && !signal.aborted) {
    for await (const data of eventsNamed('clip', response.body)) {
      const clip = JSON.parse(data) as Clip
      // Of a clip that is gone, only that is told.
      if (clip.state !== 'deleted') tell(clip)
    }
  }
  tell(await read())
}

/**
 * The newest form of a clip, followed while `first` or what came after it has something under way. A changed `first`
 * with a newer `updated_at` takes over, as after a save.
 */
export function useFollowedClip(first: Clip | undefined, token: string | undefined): Clip | undefined {
  const [told, setTold] = useState<Clip>()
  const newest = told?.id === first?.id && told !== undefined && isNewer(told, first) ? told : first
  const id = newest !== undefined && isUnderWay(newest) ? newest.id : undefined
  useEffect(() => {
    if (id === undefined) return undefined
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let quietRounds = 0
    let last = ''
    const tell = (clip: Clip): void => {
      const text = JSON.stringify(clip)
      if (text === last) return
      last = text
      quietRounds = 0
      setTold(clip)
    }
    const run = async (): Promise<void> => {
      await follow(id, token, tell, abort.signal).catch(() => undefined)
      if (abort.signal.aborted) return
      timer = setTimeout(() => void run(), Math.min(ASK_EVERY_MS * 2 ** quietRounds, QUIET_MS_MAX))
      quietRounds += 1
    }
    void run()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [id, token])
  return newest
}

function isNewer(told: Clip, first: Clip | undefined): boolean {
  return first === undefined || Date.parse(told.updated_at) >= Date.parse(first.updated_at)
}
