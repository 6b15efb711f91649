import type { Part } from './part.ts'
import type { ReloadVerdict } from './reload-verdict.ts'
import type { PlaylistKind } from './show-playlists.ts'
import type { Rendered } from './rendered.ts'
import type { WaitingReaders } from './waiting-readers.ts'

/** A segment being made: `parts` grows until it is complete. */
export type OpenMedia = { parts: readonly Part[]; complete(): boolean }

/** What a path of a show leads to at this moment. */
export type ShowMedia =
  | { kind: 'bytes'; pieces: readonly Uint8Array[] }
  | { kind: 'open'; media: OpenMedia }
  /** The next thing to come: wait and ask again. */
  | { kind: 'awaited' }
  /** Where an encoder run ended, or a track of it was silent: nothing, which is no fault of whoever asks. */
  | { kind: 'empty' }
  /** Not in memory: the recording may have it. */
  | { kind: 'stored' }
  | { kind: 'missing' }

/** What the origin reads of a show that is in memory. */
export interface ShowReader {
  readonly streamId: string
  readonly targetDurationS: number
  /** `undefined` for shows without parts. */
  readonly partTargetS: number | undefined
  /** An encoder is on; without one nothing new comes until the publisher is back. */
  readonly running: boolean
  readonly ended: boolean
  readonly readers: WaitingReaders
  /** Multivariant playlist or manifest; `undefined` until the first part of every track is there. */
  entry(path: string): Rendered | undefined
  /** `undefined` for a rendition or a folder the show does not have. */
  playlist(folder: string, rendition: string, kind: PlaylistKind, skip: boolean): Rendered | undefined
  /** Whether the playlist of that rendition lists a whole segment. */
  listed(rendition: string): boolean
  reload(rendition: string, msn: number, part: number | undefined): ReloadVerdict
  /** `file` is a segment, a part or an initialization segment. */
  media(folder: string, track: string, file: string): ShowMedia
}
