import type { z } from '@hono/zod-openapi'
import { isId } from '#shared/domain/id.ts'
import { mediaUrlOf } from '#shared/domain/playback-paths.ts'
import { Refusal } from '#shared/domain/refusal.ts'
import type { UserPrincipal } from '#shared/service/principal.ts'
import type { ClipsDeps } from './clips-deps.ts'
import { keptStrip } from './finish-measure.ts'
import { type CurvePoint, highlightCurve } from './highlights/highlight-curve.ts'
import { highlightPicks } from './highlights/highlight-picks.ts'
import { readTape } from './read-tape.ts'
import type { simulateBody, Simulation } from './rules-answer.ts'
import { rulesOf } from './rules-of.ts'
import type { SignalsRow } from './signals-queries.ts'
import { getSourceStream } from './source-queries.ts'

/** Points of the curve in one answer; of a longer stretch each stands for several, by the highest of them. */
const CURVE_POINTS_MAX = 3_600
/** What the curve says where nothing was measured, in LUFS. */
const SILENCE_LUFS = -70

/**
 * What rules pick of the caller's own show, on the tape as it is now; nothing is made. Throws `resource.missing` for an
 * unknown show and for somebody else's.
 */
export async function simulateRules(
  deps: Pick<ClipsDeps, 'database' | 'now' | 'settings'>,
  { id, roles }: UserPrincipal,
  { stream_id, rules: tried, from_ms: fromMs = 0, to_ms: toMs = Infinity }: z.output<typeof simulateBody>,
): Promise<Simulation> {
  const [stream] = isId('stream', stream_id) ? await deps.database.read(getSourceStream(stream_id)) : []
  if (stream === undefined || (stream.creator_id !== id && !roles.includes('admin'))) {
    throw new Refusal('resource.missing', { detail: 'There is no such stream.', param: '/stream_id' })
  }
  const own = await rulesOf(deps.database, stream.creator_id)
  const rules = { ...(tried ?? own.rules), enabled: true }
  const { tape, rows } = await readTape(deps.database, stream, 0, deps.now())
  const curve = highlightCurve(tape, rules)
  const shown = curve.filter(({ at_ms }) => at_ms >= fromMs && at_ms < toMs)
  return {
    rules_version: tried === undefined ? own.version : 0,
    picks: highlightPicks(tape, rules, curve).map(({ start_ms, end_ms, score, reasons }) => ({
      start_ms,
      end_ms,
      score,
      reasons,
    })),
    curve: thinned(shown).map(({ at_ms, score, loudness_db, motion }) => ({
      at_ms: Math.round(at_ms),
      score,
      loudness_db: loudness_db ?? SILENCE_LUFS,
      motion: motion ?? 0,
    })),
    strips: rows
      .filter(({ from_ms, to_ms }) => to_ms > fromMs && from_ms < toMs)
      .flatMap(row => stripOf(deps.settings.mediaUrl, row)),
  }
}

function thinned(curve: readonly CurvePoint[]): CurvePoint[] {
  const each = Math.ceil(curve.length / CURVE_POINTS_MAX)
  if (each <= 1) return [...curve]
  const kept: CurvePoint[] = []
  for (let first = 0; first < curve.length; first += each) {
    const group = curve.slice(first, first + each)
    const highest = group.reduce((best, point) => (point.score > best.score ? point : best))
    kept.push(highest)
  }
  return kept
}

function stripOf(mediaUrl: URL, { from_ms, to_ms, strip: kept }: SignalsRow): Simulation['strips'] {
  const strip = keptStrip.safeParse(kept).data
  if (strip == null) return []
  const { key, every_ms, columns, frames, width, height } = strip
  return [{ from_ms, to_ms, url: mediaUrlOf(mediaUrl, key), every_ms, columns, frames, width, height }]
}
