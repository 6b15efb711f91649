import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..')
/** Longest an installation may take, in ms. */
const INSTALL_MS_MAX = 300_000

/** Installs the peers of test/bench/package.json where they are not yet. */
export function installPeers(say: (text: string) => void): void {
  if (existsSync(join(FOLDER, 'node_modules', '.package-lock.json'))) return
  say('  installing peers …')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: 'ignore', timeout: INSTALL_MS_MAX })
}

/** Loads a peer by name; its types never reach the product's compiler. */
export async function loadPeer<Module>(name: string): Promise<Module> {
  const require = createRequire(join(FOLDER, 'package.json'))
  return (await import(require.resolve(name))) as Module
}
