import { findProgram } from '#local/provision.ts'
import type { EmulatorSpec } from './emulator-process.ts'

/** moto_server, all of its AWS services on one port; `http://<address>` as endpoint, any credentials. */
export const motoEmulator: EmulatorSpec = {
  name: 'moto_server',
  install: "pip install 'moto[server]'",
  command(port) {
    const program = findProgram('moto_server')
    const args = ['-H', '127.0.0.1', '-p', String(port)]
    return program === undefined ? undefined : { program, args }
  },
  async ready(port) {
    const answer = await fetch(`http://127.0.0.1:${port}/moto-api/data.json`)
    if (!answer.ok) throw new Error(`moto_server answers ${answer.status}.`)
  },
}
