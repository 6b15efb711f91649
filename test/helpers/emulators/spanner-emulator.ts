import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EmulatorSpec } from './emulator-process.ts'
import { gcloudRoot } from './gcloud-root.ts'

/** Spanner's `emulator_main`, gRPC; in memory, one read-write transaction at a time. */
export const spannerEmulator: EmulatorSpec = {
  name: 'the Spanner emulator',
  install: 'apt-get install google-cloud-cli-spanner-emulator',
  command(port) {
    const root = gcloudRoot()
    const program = root === undefined ? undefined : join(root, 'bin', 'cloud_spanner_emulator', 'emulator_main')
    if (program === undefined || !existsSync(program)) return undefined
    return { program, args: [`--host_port=127.0.0.1:${port}`] }
  },
}
