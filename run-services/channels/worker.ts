import type { WorkerOptions } from '#shared/service/worker-loop.ts'
import { verifyArchive } from './verify-archive.ts'

/** The jobs of this service that a worker process runs, by kind. */
export const channelsWorker: WorkerOptions['handlers'] = { 'archive-stream': verifyArchive }
