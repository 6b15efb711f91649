import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** Playlists are read thousands of times for each time they are written; more effort than this saves nothing. */
const GZIP_LEVEL = 5

/** A text that many readers are sent: written once, compressed once. */
export class Rendered {
  readonly body: Buffer
  #gzip: Buffer | undefined
  #etag: string | undefined

  constructor(text: string) {
    this.body = Buffer.from(text)
  }

  get gzip(): Buffer {
    this.#gzip ??= gzipSync(this.body, { level: GZIP_LEVEL })
    return this.#gzip
  }

  /** Weak: the compressed form is the same text. */
  get etag(): string {
    this.#etag ??= `W/"${createHash('sha256').update(this.body).digest('base64url').slice(0, 22)}"`
    return this.#etag
  }
}
