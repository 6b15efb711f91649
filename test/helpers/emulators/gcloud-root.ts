import { spawnSync } from 'node:child_process'
import { findProgram } from '#local/provision.ts'

let known: { root: string | undefined } | undefined

/** Where the gcloud installation lies, its emulators with it; undefined without one. Asked once, it takes a second. */
export function gcloudRoot(): string | undefined {
  known ??= { root: ask() }
  return known.root
}

function ask(): string | undefined {
  if (findProgram('gcloud') === undefined) return undefined
  const asked = spawnSync('gcloud', ['info', '--format=value(installation.sdk_root)'], { encoding: 'utf8' })
  const root = asked.stdout?.trim() ?? ''
  return root === '' ? undefined : root
}
