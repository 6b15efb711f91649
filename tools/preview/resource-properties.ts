import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const cache = new Map<string, readonly string[]>()

/** Every property a cloud resource has once it is made, from the provider's own SDK; empty for what is not in one. */
export function resourceProperties(type: string): readonly string[] {
  const known = cache.get(type)
  if (known !== undefined) return known
  const file = classFile(type)
  const source = file === undefined ? '' : readFileSync(file, 'utf8')
  const found = [...source.matchAll(/resourceInputs\["(\w+)"\] = state\?\./gu)].map(([, name = '']) => name)
  cache.set(type, found)
  return found
}

/** The SDK's file of a type token, e.g. `aws:sqs/queue:Queue`. */
function classFile(type: string): string | undefined {
  const [, provider, folder, name] = /^(aws|gcp):(\w+)\/(\w+):\w+$/u.exec(type) ?? []
  if (provider === undefined || folder === undefined || name === undefined) return undefined
  const directory = join(dirname(require.resolve(`@pulumi/${provider}/package.json`)), folder.toLowerCase())
  if (!existsSync(directory)) return undefined
  const file = readdirSync(directory).find(each => each.toLowerCase() === `${name.toLowerCase()}.js`)
  return file === undefined ? undefined : join(directory, file)
}
