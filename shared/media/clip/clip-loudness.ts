/** What an R128 meter says of a sound. */
export type LoudnessReport = {
  /** Integrated loudness, in LUFS; -70 for silence. */
  lufs: number
  /** Highest true peak, in dBTP; undefined when it was not measured or there is none. */
  peakDb: number | undefined
}

/** Loudness of every rendered clip, in LUFS. */
export const CLIP_LUFS = -16
/** Quieter than this is a room without a programme and is left as it is, in LUFS. */
const SILENCE_LUFS = -60
/** Where the limiter holds samples; true peaks after AAC stay below -1.5 dBTP. */
const LIMIT = 0.75
const LIMIT_DB = 20 * Math.log10(LIMIT)
/** Gains beyond the plain one (dB) that are tried where the limiter takes loudness away. */
const TRIALS_DB = [0, 2, 5, 9, 14, 20, 27] as const

const SUMMARY = /\[ebur128@(?<name>[\w-]+) @ [^\]]*\] Summary:(?<body>[^[]*)/gu

/** Filters before a meter or an encoder: two channels, the gain, the limiter and 48 kHz. */
export function levelFilters(gainDb: number): string {
  const limiter = `alimiter=limit=${LIMIT}:level=false:latency=true`
  return `aformat=channel_layouts=stereo,aresample=48000,volume=${gainDb.toFixed(2)}dB:precision=double,${limiter}`
}

/** A meter named `name`, whose summary `loudnessReports` reads from ffmpeg's log. */
export function meter(name: string, options: { peak?: boolean } = {}): string {
  return `ebur128@${name}=framelog=verbose${options.peak ? ':peak=true' : ''}`
}

/** What every named meter said at the end of a run. */
export function loudnessReports(log: string): Map<string, LoudnessReport> {
  const reports = new Map<string, LoudnessReport>()
  for (const { groups } of log.matchAll(SUMMARY)) {
    const body = groups?.['body'] ?? ''
    const lufs = Number(/\sI:\s+(-?[\d.]+) LUFS/u.exec(body)?.[1] ?? Number.NaN)
    const peakDb = Number(/\sPeak:\s+(-?[\d.]+) dBFS/u.exec(body)?.[1] ?? Number.NaN)
    if (!Number.isFinite(lufs)) continue
    reports.set(groups?.['name'] ?? '', { lufs, peakDb: Number.isFinite(peakDb) ? peakDb : undefined })
  }
  return reports
}

/** The gain (dB) that brings a sound to `CLIP_LUFS`, and whether the limiter will take some of it away; 0 for silence. */
export function plainGain({ lufs, peakDb }: LoudnessReport): { gainDb: number; limited: boolean } {
  if (lufs <= SILENCE_LUFS) return { gainDb: 0, limited: false }
  const gainDb = CLIP_LUFS - lufs
  return { gainDb, limited: (peakDb ?? 0) + gainDb > LIMIT_DB }
}

/** Gains (dB) to try where the plain one is limited, each with the name of its meter. */
export function trialGains(gainDb: number): { name: string; gainDb: number }[] {
  return TRIALS_DB.map(extraDb => ({ name: `trial${extraDb}`, gainDb: gainDb + extraDb }))
}

/** The gain (dB) between the trials that gives `CLIP_LUFS`: what came out rises with what went in. */
export function gainBetween(trials: readonly { gainDb: number; lufs: number }[]): number {
  const above = trials.findIndex(({ lufs }) => lufs >= CLIP_LUFS)
  const [low, high] = [trials[above - 1], trials[above]]
  if (high === undefined) return trials.at(-1)?.gainDb ?? 0
  if (low === undefined) return high.gainDb
  const share = (CLIP_LUFS - low.lufs) / (high.lufs - low.lufs)
  return low.gainDb + share * (high.gainDb - low.gainDb)
}
