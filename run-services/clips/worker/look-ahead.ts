import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { CropChoice } from '#shared/domain/clip.ts'
import { gainBetween, loudnessReports, plainGain, trialGains } from '#shared/media/clip/clip-loudness.ts'
import { CROP_KNOTS_MAX, cropPath } from '#shared/media/clip/crop-path.ts'
import { grayPictures } from '#shared/media/clip/gray-pictures.ts'
import { type CutFile, lookCommand, trialCommand } from '#shared/media/clip/look-command.ts'
import { posterTime } from '#shared/media/clip/poster-time.ts'
import { mediaRun } from './media-run.ts'
import type { RunFolder } from '#shared/service/run-folder.ts'

/** What a render has to know before it begins; kept in the checkpoint. */
export const clipLook = z.object({
  gain_db: z.number(),
  crop: z
    .array(z.object({ atS: z.number(), center: z.number() }))
    .min(1)
    .max(CROP_KNOTS_MAX),
  poster_s: z.number(),
  /** Loudness of the result, in LUFS, once a pass has measured it. */
  result_lufs: z.number().nullable(),
})
export type ClipLook = z.infer<typeof clipLook>

const GRAY = 'look.gray'

/** Looks at the whole cut once: how loud it is, where its picture moves, and when it looks best. */
export async function lookAhead(
  folder: RunFolder,
  cut: { name: string; durationS: number; audio: boolean },
  crop: CropChoice,
  signal: AbortSignal,
): Promise<ClipLook> {
  const fileIn = (at: { in: (name: string) => string }): CutFile => ({ ...cut, path: at.in(cut.name) })
  const log = await mediaRun(folder, at => lookCommand(fileIn(at), at.out(GRAY)), { signal })
  const pictures = grayPictures(await readFile(join(folder.out, GRAY)))
  return {
    gain_db: cut.audio
      ? await gainOf(log, gainDb => mediaRun(folder, at => trialCommand(fileIn(at), gainDb), { signal }))
      : 0,
    crop: crop === 'follow' ? cropPath(pictures) : [{ atS: 0, center: crop.center }],
    poster_s: posterTime(pictures),
    result_lufs: null,
  }
}

/** The plain gain, or where the limiter would take some of it away, the one that was tried and measured. */
async function gainOf(log: string, tryGain: (gainDb: number) => Promise<string>): Promise<number> {
  const source = loudnessReports(log).get('source')
  if (source === undefined) return 0
  const { gainDb, limited } = plainGain(source)
  if (!limited) return gainDb
  const reports = loudnessReports(await tryGain(gainDb))
  return gainBetween(
    trialGains(gainDb).flatMap(({ name, gainDb: tried }) => {
      const lufs = reports.get(name)?.lufs
      return lufs === undefined ? [] : [{ gainDb: tried, lufs }]
    }),
  )
}
