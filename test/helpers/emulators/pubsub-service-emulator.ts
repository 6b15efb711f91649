import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '#local/provision.ts'
import type { EmulatorSpec } from './emulator-process.ts'
import { gcloudRoot } from './gcloud-root.ts'

/** Google's Pub/Sub emulator, gRPC; in memory, ignores filters and signs no push. */
export const pubsubServiceEmulator: EmulatorSpec = {
  name: 'the Pub/Sub emulator',
  install: 'apt-get install google-cloud-cli-pubsub-emulator default-jre-headless',
  command(port) {
    const root = gcloudRoot()
    const program = root === undefined ? undefined : join(root, 'platform/pubsub-emulator/bin/cloud-pubsub-emulator')
    if (program === undefined || !existsSync(program) || findProgram('java') === undefined) return undefined
    return { program, args: ['--host=127.0.0.1', `--port=${port}`] }
  },
}
