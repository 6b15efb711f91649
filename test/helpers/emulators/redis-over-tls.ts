import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '#local/provision.ts'
import { type EmulatorProcess, missingEmulator, startEmulator } from './emulator-process.ts'
import { redisEmulator } from './redis-emulator.ts'

/** A redis-server as Memorystore gives one: TLS by an authority of its own, and a password that it asks for. */
export type RedisOverTls = AsyncDisposable & {
  readonly process: EmulatorProcess
  /** `rediss://<address>`. */
  readonly url: string
  /** Its authority, PEM. */
  readonly ca: string
  /** Somebody else's. */
  readonly otherCa: string
}

/** Why there can be none here; undefined when there can. */
export function redisOverTlsMissing(): string | undefined {
  return (
    missingEmulator(redisEmulator) ?? (findProgram('openssl') === undefined ? 'openssl is not installed' : undefined)
  )
}

/** Starts one that asks for the password. */
export async function startRedisOverTls(password: string): Promise<RedisOverTls> {
  await using parts = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'showreel-redis-'))
  parts.defer(() => rmSync(directory, { recursive: true, force: true }))
  const at = (name: string) => join(directory, name)
  for (const name of ['own', 'other']) {
    const subject = ['-subj', '/CN=an instance', '-days', '2', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject], { stdio: 'ignore' })
  }
  const process = parts.use(
    await startEmulator({
      ...redisEmulator,
      command: port => {
        const plain = redisEmulator.command(0)
        const tls = ['--tls-port', String(port), '--tls-auth-clients', 'no', '--requirepass', password]
        const files = [
          '--tls-cert-file',
          at('own.pem'),
          '--tls-key-file',
          at('own.key'),
          '--tls-ca-cert-file',
          at('own.pem'),
        ]
        // Port 0 opens no door beside that of TLS.
        return plain && { ...plain, args: [...plain.args, ...tls, ...files] }
      },
    }),
  )
  const [ca, otherCa] = [readFileSync(at('own.pem'), 'utf8'), readFileSync(at('other.pem'), 'utf8')]
  const started = parts.move()
  return {
    process,
    url: `rediss://${process.address}`,
    ca,
    otherCa,
    [Symbol.asyncDispose]: async () => await started.disposeAsync(),
  }
}
