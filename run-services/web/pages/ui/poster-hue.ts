const HUES = 360

/** A colour of its own for every show, always the same: what stands where its picture will be. */
export function posterHue(id: string): number {
  let hash = 7
  for (let index = 0; index < id.length; index += 1) hash = (hash * 31 + id.charCodeAt(index)) % 100_003
  return (hash * 47) % HUES
}
