const SECOND_MS = 1000
const MINUTE_S = 60
const HOUR_S = 3600

/** A length as a clock reads it: `0:07`, `12:34`, `1:02:03`. */
export function clockText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / SECOND_MS))
  const seconds = String(total % MINUTE_S).padStart(2, '0')
  const minutes = Math.floor(total / MINUTE_S) % MINUTE_S
  const hours = Math.floor(total / HOUR_S)
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

const STEPS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: HOUR_S },
  { unit: 'minute', seconds: MINUTE_S },
  { unit: 'second', seconds: 1 },
] as const

/** How long ago something was, in words of the given language: `5 minutes ago`. */
export function agoText(language: string, thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - thenMs) / SECOND_MS))
  const step = STEPS.find(candidate => seconds >= candidate.seconds) ?? STEPS[STEPS.length - 1]
  if (step === undefined) return ''
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-Math.floor(seconds / step.seconds), step.unit)
}
