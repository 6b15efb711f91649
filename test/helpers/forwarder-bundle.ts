import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import type * as forwarder from '#functions/aws-forwarder/main.ts'

type ForwarderModule = typeof forwarder

/** The forwarder as Lambda runs it. */
export type ForwarderBundle = AsyncDisposable & { handler: ForwarderModule['handler'] }

const CONFIG = join(import.meta.dirname, '../../functions/aws-forwarder/vite.config.ts')

/** Builds the forwarder to its one file and loads it from there, with these settings in its environment. */
export async function forwarderBundle(environment: Readonly<Record<string, string>>): Promise<ForwarderBundle> {
  const outDir = await mkdtemp(join(tmpdir(), 'showreel-forwarder-'))
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir } })
  Object.assign(process.env, environment)
  const { handler } = (await import(pathToFileURL(join(outDir, 'index.mjs')).href)) as ForwarderModule
  return { handler, [Symbol.asyncDispose]: async () => await rm(outDir, { recursive: true, force: true }) }
}
