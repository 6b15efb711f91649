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

/** How far an instant is from now, in words of the given language: `5 minutes ago`, `in 2 hours`. */
export function agoText(language: string, thenMs: number, nowMs: number): string {
  const seconds = Math.round((thenMs - nowMs) / SECOND_MS)
  const step = STEPS.find(candidate => Math.abs(seconds) >= candidate.seconds) ?? { unit: 'second', seconds: 1 }
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(
    Math.trunc(seconds / step.seconds),
    step.unit,
  )
}
