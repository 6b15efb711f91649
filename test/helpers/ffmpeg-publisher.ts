import { type ChildProcess, spawn } from 'node:child_process'

export type PublishedMedia = {
  width?: number
  height?: number
  fps?: number
  gopS?: number
  /** Frames between references; 0 as live encoders send it. */
  bFrames?: number
  audio?: boolean
  video?: boolean
  /** Stops by itself after this many seconds of media. */
  seconds?: number
}

export type FfmpegPublisher = {
  readonly process: ChildProcess
  /** What ffmpeg said so far. */
  log(): string
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>
  /** Ends it as a creator would: unpublish, then close. */
  stop(): Promise<void>
  /** Ends it as a pulled cable would. */
  kill(): Promise<void>
}

function input({ width = 320, height = 180, fps = 30, audio = true, video = true }: PublishedMedia): string[] {
  const picture = ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`]
  const sound = ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000']
  return [...(video ? picture : []), ...(audio ? sound : [])]
}

function encoding({ fps = 30, gopS = 2, bFrames = 0, audio = true, video = true, seconds }: PublishedMedia): string[] {
  const frames = String(Math.round(fps * gopS))
  const picture = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-g',
    frames,
    '-keyint_min',
    frames,
  ]
  const order = ['-sc_threshold', '0', '-bf', String(bFrames), ...(bFrames === 0 ? ['-tune', 'zerolatency'] : [])]
  return [
    ...(video ? [...picture, ...order] : []),
    ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
    ...(seconds === undefined ? [] : ['-t', String(seconds)]),
  ]
}

/** Publishes a test picture and tone in real time with ffmpeg, as any encoder outside would. */
export function ffmpegPublisher(url: string, media: PublishedMedia = {}): FfmpegPublisher {
  const args = ['-hide_banner', '-loglevel', 'warning', ...input(media), ...encoding(media), '-f', 'flv', url]
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString('utf8')))
  const ended = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  return {
    process: child,
    log: () => log,
    ended,
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGINT')
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
