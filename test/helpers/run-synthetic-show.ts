import { spawn } from 'node:child_process'
import type { Platform } from './platform.ts'

export type EndedShow = { code: number | null; output: string }

/** One synthetic show on a platform, as a deployment's job runs it; `token` says who makes it. */
export async function runSyntheticShow(
  platform: Platform,
  token: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<EndedShow> {
  const child = spawn(process.execPath, ['run-services/canary/show/main.ts'], {
    env: { ...process.env, PUBLIC_URL: platform.apiUrl, CANARY_TOKEN: token, CANARY_SHOW_S: '15', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, output }
}
