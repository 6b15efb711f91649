import { Rendered } from './rendered.ts'

/** The texts of a show, each written again only after what it tells of has changed. */
export class RenderedTexts {
  readonly #texts = new Map<string, { version: number; text: Rendered }>()
  readonly #tracks = new Map<string, number>()
  #all = 0

  /** Everything may read differently now. */
  allChanged(): void {
    this.#all += 1
  }

  /** What tells of that track alone may read differently now. */
  changed(track: string): void {
    this.#tracks.set(track, (this.#tracks.get(track) ?? 0) + 1)
  }

  /** The text under that key; it tells of that track, or of the show as a whole. */
  get(key: string, track: string | undefined, write: () => string): Rendered {
    const version = this.#all + (track === undefined ? 0 : (this.#tracks.get(track) ?? 0))
    const known = this.#texts.get(key)
    if (known !== undefined && known.version === version) return known.text
    const text = new Rendered(write())
    this.#texts.set(key, { version, text })
    return text
  }
}
