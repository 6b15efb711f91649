/**
 * Where the packages of package-lock.json come from: exits 1 and names every entry that is not the public registry's, or
 * that nothing protects from being swapped.
 */
import { readFileSync } from 'node:fs'

type Entry = {
  resolved?: string
  integrity?: string
  link?: boolean
  optional?: boolean
  inBundle?: boolean
  os?: string[]
  cpu?: string[]
}
type Lockfile = { lockfileVersion: number; packages: Record<string, Entry> }

const LOCKFILE = 'package-lock.json'
const VERSION = 3
const PUBLIC = 'https://registry.npmjs.org/'
const STRONG = /^sha512-[A-Za-z0-9+/]{86}==$/u

/**
 * What is wrong with a lockfile, one line each. An entry may leave out where it was fetched from, never that it was
 * fetched elsewhere; what another platform alone would fetch may leave out its integrity, npm has not seen it.
 */
export function lockfileFindings({ lockfileVersion, packages }: Lockfile): string[] {
  const version = lockfileVersion === VERSION ? [] : [`lockfileVersion is ${lockfileVersion}, not ${VERSION}`]
  const entries = Object.entries(packages).filter(([path]) => path !== '')
  return [...version, ...entries.flatMap(([path, entry]) => entryFindings(path, entry))]
}

function entryFindings(path: string, entry: Entry): string[] {
  if (entry.link === true) return [`${path} is a link to a folder`]
  if (entry.inBundle === true) return []
  const found: string[] = []
  if (entry.resolved !== undefined && !entry.resolved.startsWith(PUBLIC)) found.push(`${path} comes from elsewhere`)
  const elsewhere = entry.optional === true && (entry.os ?? entry.cpu) !== undefined
  if (entry.integrity === undefined) {
    if (!elsewhere) found.push(`${path} has no integrity`)
  } else if (!entry.integrity.split(' ').some(each => STRONG.test(each))) {
    found.push(`${path} is protected by less than sha512`)
  }
  return found
}

function main(): void {
  const findings = lockfileFindings(JSON.parse(readFileSync(LOCKFILE, 'utf8')) as Lockfile)
  for (const finding of findings) process.stdout.write(`${LOCKFILE}: ${finding}\n`)
  process.exitCode = findings.length > 0 ? 1 : 0
}

if (import.meta.main) main()
