import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { detectSandbox } from '#shared/media-sandbox/detect-sandbox.ts'
import { directoryObjectStore } from '#shared/ports/object-store/directory-object-store.ts'
import type { ObjectStore } from '#shared/ports/object-store/object-store.ts'
import type { EncodesOptions } from '#shared/ports/transcoder/encodes-underway.ts'
import { ffmpegTranscoder } from '#shared/ports/transcoder/ffmpeg-transcoder.ts'
import type { EncodeSpec, Transcoder } from '#shared/ports/transcoder/transcoder.ts'
import { createLog } from '#shared/service/log.ts'

/** Called before each `get` and `put`; what it throws or waits for is the store's. */
export type StoreHook = (verb: 'get' | 'put', key: string, signal: AbortSignal | undefined) => Promise<void> | void

/** Small and quick: three seconds at most are made of it here. */
export const SMALL: EncodeSpec = {
  jobId: '9d5ed678fe57bcca610140957afab571',
  source: 'uploads/upld_1/source',
  prefix: 'play/asst_1/v1/',
  rungs: [
    { name: '180p', width: 320, height: 180, bitrateKbps: 300 },
    { name: '90p', width: 160, height: 90, bitrateKbps: 150 },
  ],
  frameRate: { numerator: 30, denominator: 1 },
  gopS: 1,
  segmentS: 2,
  audio: { bitrateKbps: 96, channels: 2 },
}

/** A directory store with transcoders on it. */
export type TranscoderRig = AsyncDisposable & {
  directory: string
  store: ObjectStore
  /** Folder that the encodes work in. */
  scratch: string
  transcoder(options?: Partial<EncodesOptions>): Transcoder & AsyncDisposable
  keys(prefix: string): Promise<string[]>
  read(key: string): Promise<Buffer>
}

export function openStore(directory: string): ObjectStore {
  const signing = { key: new Uint8Array(32), baseUrl: 'http://127.0.0.1/objects', now: Date.now }
  return directoryObjectStore({ directory, signing })
}

/** The same store, but its verbs wait for the hook. */
export function hookedStore(store: ObjectStore, hook: StoreHook): ObjectStore {
  return {
    ...store,
    get: async (key, options) => {
      await hook('get', key, options?.signal)
      return store.get(key, options)
    },
    put: async (key, body, options) => {
      await hook('put', key, options.signal)
      return store.put(key, body, options)
    },
  }
}

/** `given` in place of a directory store. */
export async function transcoderRig(source: Uint8Array, given?: ObjectStore): Promise<TranscoderRig> {
  const root = mkdtempSync(join(tmpdir(), 'transcoder-'))
  const directory = join(root, 'store')
  const scratch = join(root, 'scratch')
  for (const path of [directory, scratch]) mkdirSync(path)
  const store = given ?? openStore(directory)
  const sandbox = await detectSandbox()
  await store.put(SMALL.source, source, { contentType: 'video/mp4' })
  const opened: AsyncDisposable[] = []
  return {
    directory,
    store,
    scratch,
    transcoder(options = {}) {
      const log = createLog({ service: 'transcoder', level: 'silent' })
      const made = ffmpegTranscoder({ store, sandbox, log, now: Date.now, scratch, ...options })
      opened.push(made)
      return made
    },
    async keys(prefix) {
      const found: string[] = []
      for await (const { key } of store.list(prefix)) found.push(key)
      return found
    },
    async read(key) {
      const chunks: Uint8Array[] = []
      for await (const chunk of (await store.get(key))?.body ?? []) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map(each => each[Symbol.asyncDispose]()))
      rmSync(root, { recursive: true, force: true })
    },
  }
}

type SourceOptions = {
  seconds?: number
  size?: string
  rate?: string
  sound?: string | undefined
  container?: string
  lateS?: number
  turned?: number
}

/** A moving test picture and, unless told otherwise, a tone, as one file. */
export function sourceBytes(options: SourceOptions = {}): Buffer {
  const { seconds = 3, size = '320x180', rate = '30', container = 'mp4', lateS = 0, turned } = options
  const sound = 'sound' in options ? options.sound : `sine=r=48000:d=${seconds}`
  const folder = mkdtempSync(join(tmpdir(), 'transcoder-source-'))
  const path = join(folder, 'source')
  try {
    const inputs = ['-itsoffset', String(lateS), '-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds}`]
    if (sound !== undefined) inputs.push('-f', 'lavfi', '-i', sound)
    const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ac', '2']
    const flags = container === 'mp4' ? ['-movflags', '+faststart'] : []
    execFileSync('ffmpeg', ['-v', 'error', ...inputs, ...codecs, ...flags, '-f', container, path])
    if (turned === undefined) return readFileSync(path)
    // Taken where streams are copied alone.
    const copied = ['-c', 'copy', '-metadata:s:v:0', `rotate=${turned}`, '-f', container]
    execFileSync('ffmpeg', ['-v', 'error', '-i', path, ...copied, `${path}-turned`])
    return readFileSync(`${path}-turned`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
