import { concatBytes } from '#shared/media/isobmff/box-splitter.ts'
import { eventMessage, ID3_SCHEME, id3Text } from '#shared/media/isobmff/event-message.ts'

/** Cues that wait for their part; 5 a second are let through. */
const WAITING_MAX = 64

type WaitingCue = { id: number; atS: number; data: Uint8Array; sentOn: Set<string> }

/** Timed metadata on its way into the next part of every video rendition. */
export class CueLine {
  #waiting: WaitingCue[] = []
  #nextId: number

  constructor(firstId = 1) {
    this.#nextId = firstId
  }

  /** Queues a cue for that media second; the oldest that still waits gives way beyond 64. */
  place(payload: string, atS: number): void {
    this.#waiting.push({ id: this.#nextId, atS, data: id3Text('', payload), sentOn: new Set() })
    this.#nextId += 1
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift()
  }

  /** `chunk` with the cues that fall before `endS` and that this track has not carried yet in front of it. */
  into(chunk: Uint8Array, track: { name: string; timescale: number; startS: number; endS: number }): Uint8Array {
    if (this.#waiting.length === 0) return chunk
    const due = this.#waiting.filter(cue => cue.atS < track.endS && !cue.sentOn.has(track.name))
    const boxes = due.map(cue => {
      cue.sentOn.add(track.name)
      const presentationTime = Math.round(Math.max(cue.atS, track.startS) * track.timescale)
      const { timescale } = track
      return eventMessage({ scheme: ID3_SCHEME, value: '', timescale, presentationTime, id: cue.id, data: cue.data })
    })
    return boxes.length === 0 ? chunk : concatBytes([...boxes, chunk])
  }

  /** A new timeline begins: what still waits goes into its first part. */
  rebase(): void {
    for (const cue of this.#waiting) cue.atS = 0
  }

  /** Forgets cues that every one of the tracks has carried. */
  sweep(tracks: readonly string[]): void {
    if (this.#waiting.length === 0) return
    this.#waiting = this.#waiting.filter(cue => !tracks.every(name => cue.sentOn.has(name)))
  }
}
