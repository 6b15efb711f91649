/** Places where a fault run may kill the process: between two steps that must not be one without the other. */
export type CrashPoint =
  | 'outbox.appended'
  | 'relay.received'
  | 'relay.published'
  | 'job.leased'
  | 'job.effects-written'
  | 'job.finished'
  | 'job.failed'
  | 'idempotency.claimed'
  | 'idempotency.answered'
  | 'idempotency.stored'
  | 'clip.requested'
  | 'clip.cut'
  | 'clip.playable'

const FAULT = /^(?<point>[a-z.-]+)(?:@(?<pass>\d{1,6}))?$/

/** Passes left per armed point; undefined unless faults are on, so that a pass costs one comparison. */
let armed: Map<string, number> | undefined

/**
 * Arms crash points: `relay.published@3,job.leased` dies at the third pass of the one or the first of the other. Called
 * by a composition root with its `FAULTS` setting; an empty text arms nothing.
 */
export function armCrashPoints(faults: string): void {
  const points = faults.split(',').filter(text => text.trim() !== '')
  armed = points.length === 0 ? undefined : new Map(points.map(parseFault))
}

/** Dies here, without any clean-up, when this point is armed and its pass has come; otherwise nothing. */
export function crashPoint(name: CrashPoint): void {
  if (armed === undefined) return
  const left = armed.get(name)
  if (left === undefined) return
  if (left > 1) armed.set(name, left - 1)
  else process.kill(process.pid, 'SIGKILL')
}

function parseFault(text: string): [string, number] {
  const groups = FAULT.exec(text.trim())?.groups
  if (groups === undefined) throw new Error(`FAULTS: "${text}" is not <point> or <point>@<pass>.`)
  return [String(groups['point']), Number(groups['pass'] ?? 1)]
}
