/** `node tools/entries.ts`: entries that the catalogue names and that are not written; a deployment cannot run those. */
import { existsSync } from 'node:fs'
import { SERVICES } from '#shared/domain/service-catalogue.ts'

for (const { entry } of SERVICES) {
  if (!existsSync(entry)) process.stdout.write(`${entry}\n`)
}
