import { mkdirSync } from 'node:fs'
import { directoryName, type HeldName, holdName } from '#shared/service/held-name.ts'

/** Another process owns the directory; the message is one sentence for whoever started this one. */
export class DirectoryInUse extends Error {
  readonly directory: string

  constructor(directory: string, holder: string) {
    super(`The data directory ${directory} is in use by ${holder}; stop that one or choose another directory.`)
    this.name = 'DirectoryInUse'
    this.directory = directory
  }
}

/** Makes this process the directory's only owner until disposed or dead; throws `DirectoryInUse`. */
export async function lockDirectory(directory: string): Promise<HeldName> {
  mkdirSync(directory, { recursive: true })
  const outcome = await holdName(directoryName('data', directory))
  if ('holder' in outcome) throw new DirectoryInUse(directory, outcome.holder)
  return outcome.held
}
