/** The rungs of the product's ladder for a 720p source. */
const RUNGS = [
  { name: '720p', width: 1280, height: 720, kbps: 2800 },
  { name: '480p', width: 854, height: 480, kbps: 1200 },
  { name: '360p', width: 640, height: 360, kbps: 700 },
] as const

export const RUNG_NAMES: readonly string[] = RUNGS.map(({ name }) => name)

/** The filter that makes the three pictures, and each rung's encoder arguments: the same encoder and rates as ours. */
export function peerLadder(fps: number): { filter: string; rungs: readonly string[][]; audio: readonly string[] } {
  const gopFrames = String(fps * 2)
  const splits = RUNGS.map((_, index) => `[s${index}]`).join('')
  const scales = RUNGS.map(({ width, height }, index) => `[s${index}]scale=${width}:${height}[v${index}]`)
  const common = [
    '-preset',
    'superfast',
    '-tune',
    'zerolatency',
    '-pix_fmt',
    'yuv420p',
    '-bf',
    '0',
    '-sc_threshold',
    '0',
  ]
  return {
    filter: [`[0:v]fps=${fps},split=${RUNGS.length}${splits}`, ...scales].join(';'),
    rungs: RUNGS.map(({ kbps }) => {
      const rate = ['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`]
      return ['-c:v', 'libx264', ...common, '-g', gopFrames, '-keyint_min', gopFrames, ...rate]
    }),
    audio: ['-c:a', 'aac', '-ar', '48000', '-ac', '2', '-b:a', '96k'],
  }
}
