import type { WorkerOptions } from '#shared/service/worker-loop.ts'

/** The jobs of this service that a worker process runs, by kind. */
export const clipsWorker: WorkerOptions['handlers'] = {}
