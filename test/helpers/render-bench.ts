import type { CropChoice, ClipPreset } from '#shared/domain/clip.ts'
import {
  RENDER_FILES,
  type RenderInput,
  type RenderPayload,
  type RenderProgress,
  renderProgress,
  type RenderResult,
  renderResult,
} from '#run-services/clips/render-job.ts'
import { renderClip } from '#run-services/clips/worker/render-clip.ts'
import { createLog } from '#shared/service/log.ts'
import type { MarkedCut } from './marked-cut.ts'
import { sha256Of, type SignedStore, signedStore } from './signed-store.ts'

const TYPES: Readonly<Record<string, [type: string, extension: string]>> = {
  poster: ['image/jpeg', 'jpg'],
  filmstrip: ['image/jpeg', 'jpg'],
  storyboard: ['text/vtt', 'vtt'],
}
const PREFIX = 'play/clip-of-a-test'

export type RenderAsk = {
  crop?: CropChoice
  presets?: ClipPreset[]
  /** Of this lease; the folder of its files. */
  version?: number
  checkpoint?: unknown
  signal?: AbortSignal
  /** Changes what the worker is told. */
  payload?: (payload: RenderPayload) => RenderPayload
  onSave?: (progress: RenderProgress) => void
}

/** One clip whose render runs as a worker runs it, without a service: signed URLs, checkpoints, leases by number. */
export type RenderBench = AsyncDisposable & {
  objects: SignedStore
  /** Every checkpoint so far, in order. */
  saved: readonly RenderProgress[]
  render(ask?: RenderAsk): Promise<RenderResult>
}

export async function renderBench(cut: MarkedCut): Promise<RenderBench> {
  const objects = await signedStore()
  const saved: RenderProgress[] = []
  const { bytes, ...facts } = cut
  const sha256 = sha256Of(bytes)
  await objects.store.put(`${PREFIX}/cut.mp4`, bytes, { contentType: 'video/mp4' })

  const payloadOf = async ({ presets = [], version = 1 }: RenderAsk): Promise<RenderPayload> => ({
    cut: { ...facts, url: await objects.get(`${PREFIX}/cut.mp4`), bytes: bytes.length, sha256 },
    folder: `v${version}`,
    targets: await Promise.all(
      [...RENDER_FILES, ...presets].map(async name => {
        const [content_type, extension] = TYPES[name] ?? ['video/mp4', 'mp4']
        const key = `${PREFIX}/v${version}/${name}.${extension}`
        return { name, key, url: await objects.put(key, content_type), content_type }
      }),
    ),
  })

  return {
    objects,
    saved,
    render: async (ask = {}) => {
      const { crop = 'follow', presets = [], version = 1, checkpoint, signal, payload = same, onSave } = ask
      const input: RenderInput = { crop, presets, cut_sha256: sha256 }
      const job = { id: 'job', kind: 'render-clip', subjectId: 'clip', attempt: version, input, checkpoint }
      const result = await renderClip(
        { ...job, payload: payload(await payloadOf(ask)) },
        {
          signal: signal ?? new AbortController().signal,
          log: createLog({ service: 'render-bench', level: 'fatal' }),
          save: data => {
            const progress = renderProgress.parse(data)
            saved.push(progress)
            onSave?.(progress)
            return Promise.resolve()
          },
        },
      )
      return renderResult.parse(result)
    },
    [Symbol.asyncDispose]: () => objects[Symbol.asyncDispose](),
  }
}

function same<Value>(value: Value): Value {
  return value
}
