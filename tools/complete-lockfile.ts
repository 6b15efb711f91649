/**
 * Completes package-lock.json where npm dropped optional packages of other platforms.
 *
 * A registry that lacks a platform's binary makes `npm install` leave its entry out, and `npm ci` then refuses the
 * lockfile. Every name in an entry's `optionalDependencies` that no ancestor `node_modules` resolves gets an entry with
 * the keys npm would write, in npm's order. `--check` writes nothing and exits 1 when something is missing, or when an
 * entry this program did not add has no integrity.
 */
import { readFileSync, writeFileSync } from 'node:fs'

type Entry = {
  version?: string
  integrity?: string
  link?: boolean
  optional?: boolean
  cpu?: string[]
  os?: string[]
  libc?: string[]
  dev?: boolean
  optionalDependencies?: Record<string, string>
}
type Lockfile = { packages: Record<string, Entry> }

const LOCKFILE = 'package-lock.json'
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32']

function ancestors(path: string): string[] {
  const found = [path]
  let rest = path
  while (rest.includes('/node_modules/')) {
    rest = rest.slice(0, rest.lastIndexOf('/node_modules/'))
    found.push(rest)
  }
  return [...found, '']
}

function resolves(packages: Record<string, Entry>, from: string, name: string): boolean {
  return ancestors(from).some(base => packages[`${base === '' ? '' : `${base}/`}node_modules/${name}`] !== undefined)
}

function platformOf(name: string): Pick<Entry, 'cpu' | 'libc' | 'os'> {
  const words = name.split(/[^a-z0-9]+/u)
  const cpu = PROCESSORS.filter(processor => words.includes(processor))
  const os = SYSTEMS.filter(system => words.includes(system))
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : []
  return { ...(cpu.length > 0 && { cpu }), ...(libc.length > 0 && { libc }), ...(os.length > 0 && { os }) }
}

/** Entries that are needed and absent, by their path in `packages`. */
export function missingEntries({ packages }: Lockfile): Map<string, Entry> {
  const missing = new Map<string, Entry>()
  for (const [path, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolves(packages, path, name)) continue
      const { cpu, libc, os } = platformOf(name)
      const version = range.replace(/^[\^~]/u, '')
      missing.set(`node_modules/${name}`, {
        version,
        ...(cpu && { cpu }),
        ...(entry.dev && { dev: true }),
        ...(libc && { libc }),
        optional: true,
        ...(os && { os }),
      })
    }
  }
  return missing
}

/** Entries without integrity that are not platform packages this program added. */
export function unprotectedEntries({ packages }: Lockfile): string[] {
  return Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.link && entry.integrity === undefined && !entry.optional)
    .map(([path]) => path)
}

function main(): void {
  const lockfile = JSON.parse(readFileSync(LOCKFILE, 'utf8')) as Lockfile
  const missing = missingEntries(lockfile)
  const unprotected = unprotectedEntries(lockfile)
  if (process.argv.includes('--check')) {
    for (const path of missing.keys()) process.stdout.write(`${LOCKFILE} lacks ${path}; run \`npm run lock\`.\n`)
    for (const path of unprotected) process.stdout.write(`${LOCKFILE}: ${path} has no integrity.\n`)
    process.exitCode = missing.size + unprotected.length > 0 ? 1 : 0
    return
  }
  const [root, ...rest] = Object.entries({ ...lockfile.packages, ...Object.fromEntries(missing) })
  if (root === undefined) throw new Error(`${LOCKFILE} names no packages.`)
  rest.sort(([a], [b]) => a.localeCompare(b, 'en'))
  lockfile.packages = Object.fromEntries([root, ...rest])
  writeFileSync(LOCKFILE, `${JSON.stringify(lockfile, null, 2)}\n`)
  process.stdout.write(`${LOCKFILE}: ${missing.size} entries of other platforms added.\n`)
}

if (import.meta.main) main()
