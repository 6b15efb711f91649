import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'

/** The bytes of an object; undefined when there is none or it is larger than that. */
export async function readObject(
  store: ObjectStore,
  key: string,
  bytesMax: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const object = await store.get(key, signal === undefined ? {} : { signal })
  if (object === undefined || object.length > bytesMax) return undefined
  const bytes = new Uint8Array(object.length)
  let at = 0
  for await (const piece of object.body) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
