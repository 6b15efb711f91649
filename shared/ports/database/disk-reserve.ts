import { statfs } from 'node:fs/promises'

/** Tells whether the disk still has the room an engine needs to fail in order. */
export interface DiskReserve {
  /** False once less than the reserve is free; looked up now and then, so cheap to ask before every write. */
  hasRoom(): Promise<boolean>
}

/** How long one look is believed, in ms. */
const LOOK_EVERY_MS = 250

/** Keeps `reserveBytes` of the disk that holds `directory` out of use. */
export function diskReserve(directory: string, reserveBytes: number): DiskReserve {
  let lookedAtMs = -Infinity
  let room = true
  return {
    async hasRoom() {
      const nowMs = performance.now()
      if (nowMs - lookedAtMs < LOOK_EVERY_MS) return room
      lookedAtMs = nowMs
      const { bavail, bsize } = await statfs(directory)
      room = bavail * bsize >= reserveBytes
      return room
    },
  }
}
