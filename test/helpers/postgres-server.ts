import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'

const run = promisify(execFile)
/** Where Debian puts the programs of each version, off the PATH. */
const DEBIAN = join('/', 'usr', 'lib', 'postgresql')
/** PostgreSQL refuses to run as root; then it runs as this user. */
const UNPRIVILEGED = 'nobody'

/** A PostgreSQL server of this test's own, on a socket in a directory that goes with it. */
export type PostgresServer = AsyncDisposable & {
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>
  /** Path of the socket it listens on. */
  readonly socket: string
}

/** Where initdb and postgres lie; undefined when the machine has none. */
function postgresBinaries(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).map(version => join(DEBIAN, version, 'bin')) : []
  const places = [...debian.sort().toReversed(), ...(process.env['PATH'] ?? '').split(delimiter)]
  return places.find(place => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')))
}

/** Why a test that needs PostgreSQL is skipped, or undefined when it can run; REQUIRE_EMULATORS=1 makes it a failure. */
export function postgresMissing(): string | undefined {
  if (postgresBinaries() !== undefined) return undefined
  const sentence = 'PostgreSQL is not installed; apt-get install postgresql'
  if (process.env['REQUIRE_EMULATORS'] === '1') throw new Error(sentence)
  return sentence
}

/** Starts a server without durability, for tests only. */
export async function startPostgres(): Promise<PostgresServer> {
  const binaries = postgresBinaries()
  if (binaries === undefined) throw new Error('PostgreSQL is not installed.')
  const home = mkdtempSync(join(tmpdir(), 'showreel-pg-'))
  const data = join(home, 'data')
  const asUser = await userPrefix(home)
  const [program, ...before] = [...asUser, join(binaries, 'initdb')]
  await run(program, [...before, '-D', data, '-U', 'showreel', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'])

  const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${home}`, 'max_connections=60']
  const [starter, ...prefix] = [...asUser, join(binaries, 'postgres')]
  const child = spawn(starter, [...prefix, '-D', data, ...settings.flatMap(setting => ['-c', setting])], {
    stdio: 'ignore',
  })
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const urlOf = (name: string): string => `postgres://showreel@localhost/${name}?host=${home}`
  const psql = async (sql: string): Promise<void> => {
    await run(join(binaries, 'psql'), ['-h', home, '-U', 'showreel', '-d', 'postgres', '-qc', sql])
  }
  await eventually(async () => {
    await psql('SELECT 1')
    return true
  })
  let made = 0
  return {
    socket: join(home, '.s.PGSQL.5432'),
    async createDatabase() {
      made += 1
      const name = `test_${made}`
      await psql(`CREATE DATABASE ${name}`)
      return urlOf(name)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await gone
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function userPrefix(home: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return ['env']
  await run('chown', [UNPRIVILEGED, home])
  return ['setpriv', `--reuid=${UNPRIVILEGED}`, '--clear-groups', '--inh-caps=-all', '--']
}
