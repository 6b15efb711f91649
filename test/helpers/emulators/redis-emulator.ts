import { findProgram } from '#local/provision.ts'
import type { EmulatorSpec } from './emulator-process.ts'

/** redis-server without persistence; `redis://<address>`. */
export const redisEmulator: EmulatorSpec = {
  name: 'redis-server',
  install: 'apt-get install redis-server',
  command(port) {
    const program = findProgram('redis-server')
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    return program === undefined ? undefined : { program, args }
  },
}
