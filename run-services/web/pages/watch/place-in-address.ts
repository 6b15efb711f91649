const SECOND_MS = 1000

/** The place in a show that a link names (`/w/…?t=83`), in ms from its start; undefined when it names none. */
export function placeInAddress(search: string): number | undefined {
  const text = new URLSearchParams(search).get('t') ?? ''
  return /^\d{1,6}(?:\.\d{1,3})?$/.test(text) ? Number(text) * SECOND_MS : undefined
}
