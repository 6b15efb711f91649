import type { WorkerOptions } from '#shared/service/worker-loop.ts'
import { measureStream } from './worker/measure-stream.ts'
import { renderClip } from './worker/render-clip.ts'

/** The jobs of this service that a worker process runs, by kind. */
export const clipsWorker: WorkerOptions['handlers'] = { 'render-clip': renderClip, 'measure-stream': measureStream }
