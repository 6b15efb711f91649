const SECOND_MS = 1000
const TYPED = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/

/** A moment as the editor writes it: `1:23.450`, with hours when there are some. */
export function typedTime(ms: number): string {
  const whole = Math.round(ms)
  const seconds = Math.floor(whole / SECOND_MS)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  const clock = shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
  return `${clock}.${String(whole % SECOND_MS).padStart(3, '0')}`
}

/** The moment (ms) that a person typed, with or without minutes and fractions; undefined when it is no time. */
export function readTypedTime(text: string): number | undefined {
  const [match, hours = '0', minutes = '0', seconds = '0', fraction = ''] = TYPED.exec(text.trim()) ?? []
  if (match === undefined) return undefined
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return whole * SECOND_MS + Number(fraction.padEnd(3, '0'))
}
